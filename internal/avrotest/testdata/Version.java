import org.apache.avro.Schema;

/** Prints the canonical text of a schema on standard input, and its arguments. */
public class Version {
    public static void main(String[] args) throws Exception {
        System.out.println(new Schema.Parser().parse(System.in));
        System.out.println(String.join(" ", args));
    }
}
