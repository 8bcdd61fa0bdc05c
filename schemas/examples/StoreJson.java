import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** java -cp 'kafka-clients.jar:slf4j-api.jar' StoreJson.java &lt;brokers&gt; &lt;namespace&gt; &lt;canonical coord&gt; */
public class StoreJson {
  public static void main(String[] args) throws Exception {
    String namespace = args[1];
    String coord = args[2];
    String commandId = UUID.randomUUID().toString();
    // Names and numbers need no escapes in JSON; a payload of your own goes through a JSON library.
    String command = """
        {"type": "StoreMemory", "command_id": "%s", "namespace": "%s", "coord": "%s",
         "payload": {"text": "Sent from Java"}}
        """.formatted(commandId, namespace, coord);
    Map<String, Object> settings = Map.of("bootstrap.servers", args[0], "delivery.timeout.ms", 60_000);
    try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      var record = new ProducerRecord<>("memory.commands", namespace + "/" + coord, command);
      record.headers().add("content-type", "application/json".getBytes(StandardCharsets.UTF_8));
      int partition = producer.send(record).get().partition();
      System.out.printf("{\"command_id\": \"%s\", \"partition\": %d}%n", commandId, partition);
    }
  }
}
