import java.io.File;
import java.util.Scanner;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/** Prints the field path of every record of the container files that standard input names, a line each. */
public class Paths {
    public static void main(String[] args) throws Exception {
        Scanner files = new Scanner(System.in);
        while (files.hasNextLine()) {
            try (DataFileReader<GenericRecord> records = new DataFileReader<>(new File(files.nextLine()), new GenericDatumReader<>())) {
                for (GenericRecord r : records) {
                    System.out.println(r.get("path"));
                }
            }
        }
    }
}
