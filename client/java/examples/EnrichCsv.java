import dev.portrait.client.Item;
import dev.portrait.client.PortraitClient;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Looks up the phone numbers in the column "phone" of a CSV file and writes the results: {@code
 * EnrichCsv contacts.csv results.csv}. The environment variables PORTRAIT_SERVER (default
 * 127.0.0.1:7700) and PORTRAIT_TOKEN_FILE name the server and the file of the access token. Cells
 * must not contain line breaks.
 */
class EnrichCsv {
  public static void main(String[] args) throws Exception {
    if (args.length != 2 || System.getenv("PORTRAIT_TOKEN_FILE") == null) {
      System.err.println(
          "usage: EnrichCsv contacts.csv results.csv; set PORTRAIT_TOKEN_FILE to the file of the access token");
      System.exit(1);
    }
    try (var client =
            PortraitClient.builder(
                    System.getenv().getOrDefault("PORTRAIT_SERVER", "127.0.0.1:7700"))
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
