import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.HexFormat;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaNormalization;

/**
 * Answers lines on standard input, whose parts have tabs between them, with one line each.
 *
 * normal SCHEMA: canonical form, CRC-64-AVRO, MD5 and SHA-256 of it, in hexadecimal digits.
 * compatible READER WRITER: whether READER can read data of WRITER.
 */
public class Schemas {
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line; (line = in.readLine()) != null; ) {
            out.println(answer(line.split("\t")));
        }
        out.flush();
    }

    static String answer(String[] line) throws Exception {
        Schema first = new Schema.Parser().parse(line[1]);
        switch (line[0]) {
            case "normal":
                return SchemaNormalization.toParsingForm(first)
                    + "\t" + String.format("%016x", SchemaNormalization.parsingFingerprint64(first))
                    + "\t" + HexFormat.of().formatHex(SchemaNormalization.parsingFingerprint("MD5", first))
                    + "\t" + HexFormat.of().formatHex(SchemaNormalization.parsingFingerprint("SHA-256", first));
            case "compatible":
                return compatible(first, new Schema.Parser().parse(line[2]));
        }
        throw new IllegalArgumentException(line[0]);
    }

    static String compatible(Schema reader, Schema writer) {
        try {
            return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType().toString();
        } catch (AvroRuntimeException several) { // a field that its aliases find twice
            return "INCOMPATIBLE";
        }
    }
}
