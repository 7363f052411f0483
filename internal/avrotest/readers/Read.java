import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Conversion;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/** Prints what files of Avro hold, as package avrotest says. */
public class Read {
    static final ObjectMapper json = new ObjectMapper();
    static final DateTimeFormatter clock = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS");
    static final DateTimeFormatter local = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS");
    static final GenericData data = new GenericData();

    public static void main(String[] args) throws Exception {
        for (Conversion<?> c : List.of(
                new Conversions.DecimalConversion(), new Conversions.UUIDConversion(), new TimeConversions.DateConversion(),
                new TimeConversions.TimeMillisConversion(), new TimeConversions.TimeMicrosConversion(),
                new TimeConversions.TimestampMillisConversion(), new TimeConversions.TimestampMicrosConversion(),
                new TimeConversions.LocalTimestampMillisConversion(), new TimeConversions.LocalTimestampMicrosConversion())) {
            data.addLogicalTypeConversion(c);
        }
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        int i = 0;
        for (JsonNode file : json.readTree(System.in)) {
            Schema writer = schema(file, "writer"), reader = schema(file, "reader");
            GenericDatumReader<Object> datum = new GenericDatumReader<>(writer, reader == null ? writer : reader, data);
            if (writer == null) {
                DataFileReader<Object> records = new DataFileReader<>(new File(file.get("path").asText()), datum);
                while (records.hasNext()) {
                    print(out, i, records.next());
                }
            } else {
                InputStream in = new BufferedInputStream(new FileInputStream(file.get("path").asText()));
                BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(in, null);
                while (!decoder.isEnd()) {
                    print(out, i, datum.read(null, decoder));
                }
            }
            i++;
        }
        out.flush();
    }

    static Schema schema(JsonNode file, String name) {
        return file.has(name) ? new Schema.Parser().parse(file.get(name).asText()) : null;
    }

    static void print(PrintStream out, int file, Object value) throws Exception {
        out.println(json.writeValueAsString(Arrays.asList(file, plain(value))));
    }

    static Object plain(Object v) {
        if (v == null || v instanceof Boolean) {
            return v;
        } else if (v instanceof Float || v instanceof Double) {
            return String.format("%016x", Double.doubleToRawLongBits(((Number) v).doubleValue()));
        } else if (v instanceof BigDecimal) {
            return ((BigDecimal) v).toPlainString();
        } else if (v instanceof Instant) {
            return local.format(((Instant) v).atOffset(ZoneOffset.UTC)) + "Z";
        } else if (v instanceof LocalDateTime) {
            return local.format((LocalDateTime) v);
        } else if (v instanceof LocalTime) {
            return clock.format((LocalTime) v);
        } else if (v instanceof ByteBuffer) {
            ByteBuffer b = ((ByteBuffer) v).duplicate();
            byte[] bytes = new byte[b.remaining()];
            b.get(bytes);
            return HexFormat.of().formatHex(bytes);
        } else if (v instanceof GenericFixed) {
            return HexFormat.of().formatHex(((GenericFixed) v).bytes());
        } else if (v instanceof Collection) {
            List<Object> items = new ArrayList<>();
            for (Object item : (Collection<?>) v) {
                items.add(plain(item));
            }
            return items;
        } else if (v instanceof Map) {
            Map<String, Object> members = new LinkedHashMap<>();
            for (Map.Entry<?, ?> e : ((Map<?, ?>) v).entrySet()) {
                members.put(e.getKey().toString(), plain(e.getValue()));
            }
            return members;
        } else if (v instanceof IndexedRecord) {
            Map<String, Object> members = new LinkedHashMap<>();
            for (Schema.Field f : ((IndexedRecord) v).getSchema().getFields()) {
                members.put(f.name(), plain(((IndexedRecord) v).get(f.pos())));
            }
            return members;
        }
        return v.toString(); // Integer, Long, Utf8, UUID, LocalDate, a symbol
    }
}
