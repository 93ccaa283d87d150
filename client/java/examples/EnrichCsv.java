import dev.portrait.client.Item;
import dev.portrait.client.PortraitClient;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Looks up the phone numbers of a CSV file's column "phone" and writes what was found:
 * {@code EnrichCsv contacts.csv results.csv}. PORTRAIT_SERVER and PORTRAIT_TOKEN_FILE say where to
 * ask. A cell may not have line breaks here.
 */
class EnrichCsv {
  public static void main(String[] args) throws Exception {
    try (var client =
            PortraitClient.builder(System.getenv("PORTRAIT_SERVER"))
                .tokenFile(Path.of(System.getenv("PORTRAIT_TOKEN_FILE")))
                .build();
        var input = Files.newBufferedReader(Path.of(args[0]));
        var output = new PrintWriter(Files.newBufferedWriter(Path.of(args[1])))) {
      int phone = cells(input.readLine()).indexOf("phone");
      var rows = input.lines().map(EnrichCsv::cells);
      write(output, "phone", "registration", "state", "url", "error");
      try (var results = client.enrich(rows.map(row -> Item.of(row.get(phone), row)).iterator())) {
        for (var result : results) {
          String contact = result.item().contact();
          var p = result.picture();
          if (p != null) {
            write(output, contact, p.getRegistration(), p.getState(), p.getUrl(), "");
          } else if (result.error() != null) {
            write(output, contact, "", "", "", result.error().getMessage());
          }
        }
      }
    }
  }

  /** Splits at commas outside quotes. */
  static List<String> cells(String line) {
    var cells = Arrays.stream(line.split(",(?=([^\"]*\"[^\"]*\")*[^\"]*$)", -1));
    return cells.map(c -> c.replaceAll("^\"|\"$", "").replace("\"\"", "\"")).toList();
  }

  static void write(PrintWriter output, Object... cells) {
    var quoted = Arrays.stream(cells).map(c -> '"' + c.toString().replace("\"", "\"\"") + '"');
    output.println(quoted.collect(Collectors.joining(",")));
  }
}
