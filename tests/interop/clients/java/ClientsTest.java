import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The Java client, through every case of ../cases.json, or those whose names are arguments. */
final class ClientsTest {
  private interface Kind {
    void run(Support support, JsonObject each) throws Exception;
  }

  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry("unary", UnaryCases::unary),
          Map.entry("batch", UnaryCases::batch),
          Map.entry("unary_newer", UnaryCases::unaryNewer),
          Map.entry("error_newer", UnaryCases::errorNewer),
          Map.entry("unary_retried", UnaryCases::retried),
          Map.entry("plain_text_token", UnaryCases::plainTextToken),
          Map.entry("deadline", UnaryCases::deadline),
          Map.entry("unary_cancelled", UnaryCases::unaryCancelled),
          Map.entry("tls", UnaryCases::tls),
          Map.entry("revoked", UnaryCases::revoked),
          Map.entry("bulk_numbers", BulkCases::numbers),
          Map.entry("bulk_killed", BulkCases::killed),
          Map.entry("bulk_nothing", BulkCases::nothing),
          Map.entry("bulk_repeated", BulkCases::repeated),
          Map.entry("bulk_countries", BulkCases::countries),
          Map.entry("contact_length", BulkCases::contactLength),
          Map.entry("bulk_slow", BulkCases::slow),
          Map.entry("bulk_window", BulkCases::window),
          Map.entry("bulk_trickle", BulkCases::trickle),
          Map.entry("bulk_batches", BulkCases::batches),
          Map.entry("bulk_breaks", BulkCases::breaks),
          Map.entry("bulk_again", BulkCases::again),
          Map.entry("bulk_refused", BulkCases::refused),
          Map.entry("bulk_gives_up", BulkCases::givesUp),
          Map.entry("bulk_unsendable", BulkCases::unsendable),
          Map.entry("bulk_source_fails", BulkCases::sourceFails),
          Map.entry("bulk_cancelled", BulkCases::cancelled),
          Map.entry("bulk_newer", BulkCases::newer),
          Map.entry("watch_killed", WatchCases::killed),
          Map.entry("watch_resumes", WatchCases::resumes),
          Map.entry("watch_cancelled", WatchCases::cancelled),
          Map.entry("watch_newer", WatchCases::newer));

  public static void main(String[] args) throws Exception {
    String cases = Files.readString(Path.of(System.getenv("PORTRAIT_CASES")));
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    for (JsonElement element :
        JsonParser.parseString(cases).getAsJsonObject().getAsJsonArray("cases")) {
      JsonObject each = element.getAsJsonObject();
      String name = each.get("name").getAsString();
      if (args.length > 0 && !java.util.List.of(args).contains(name)) {
        continue;
      }
      if (each.has("pending")) {
        System.out.println("SKIPPED " + name + ": " + each.get("pending").getAsString());
        skipped++;
        continue;
      }
      long start = System.nanoTime();
      Throwable why = run(name, each);
      String took = String.format(" (%.2f s)", (System.nanoTime() - start) / 1e9);
      System.out.println((why == null ? "passed  " : "FAILED  ") + name + took);
      if (why == null) {
        passed++;
      } else {
        failed++;
        why.printStackTrace(System.out);
      }
    }
    System.out.printf("%d passed, %d failed, %d skipped%n", passed, failed, skipped);
    System.exit(failed == 0 && passed > 0 ? 0 : 1);
  }

  /** What it failed with; null when it passed. */
  private static Throwable run(String name, JsonObject each) {
    try (Support support = new Support(name)) {
      Kind kind = KINDS.get(each.get("kind").getAsString());
      Support.check(kind != null, "no method for the kind", each.get("kind"));
      kind.run(support, each);
      return null;
    } catch (Throwable error) {
      return error;
    }
  }

  private ClientsTest() {}
}
