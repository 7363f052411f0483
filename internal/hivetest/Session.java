import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.hadoop.hive.conf.HiveConf;
import org.apache.hadoop.hive.ql.DriverFactory;
import org.apache.hadoop.hive.ql.IDriver;
import org.apache.hadoop.hive.ql.session.SessionState;

/**
 * One session of Hive. It reads statements and answers each with the number of its rows
 * and these, or with -1 and what Hive says; texts have their length in bytes before
 * them. Arguments are settings, as name=value.
 */
public class Session {
  public static void main(String[] args) throws Exception {
    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out));
    System.setOut(System.err); // Hive prints
    HiveConf conf = new HiveConf(Session.class);
    for (String setting : args) {
      String[] pair = setting.split("=", 2);
      conf.set(pair[0], pair[1]);
    }
    SessionState.start(conf);
    DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
    for (int size; (size = read(in)) >= 0; out.flush()) {
      String sql = new String(in.readNBytes(size), StandardCharsets.UTF_8);
      try {
        List<Object> rows = run(conf, sql);
        out.writeInt(rows.size());
        for (Object row : rows) {
          write(out, String.valueOf(row));
        }
      } catch (Exception | StackOverflowError e) {
        out.writeInt(-1);
        write(out, String.valueOf(e.getMessage()));
      }
    }
    System.exit(0); // Hive's threads would go on
  }

  static List<Object> run(HiveConf conf, String sql) throws Exception {
    try (IDriver driver = DriverFactory.newDriver(conf)) {
      driver.run(sql);
      List<Object> rows = new ArrayList<>();
      List<Object> some = new ArrayList<>();
      while (driver.getResults(some)) {
        rows.addAll(some);
        some.clear();
      }
      return rows;
    }
  }

  static int read(DataInputStream in) throws IOException {
    try {
      return in.readInt();
    } catch (EOFException e) {
      return -1;
    }
  }

  static void write(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
