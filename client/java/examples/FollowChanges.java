import dev.portrait.client.PortraitClient;
import dev.portrait.client.WatchOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Prints picture changes as the server detects them: {@code FollowChanges seen.token}. A later run
 * continues where the last one stopped. The file stores the position; if it does not exist, all
 * changes that the server has stored are printed first. The environment variables PORTRAIT_SERVER
 * (default 127.0.0.1:7700) and PORTRAIT_TOKEN_FILE name the server and the file of the access token.
 */
class FollowChanges {
  public static void main(String[] args) throws Exception {
    if (args.length != 1 || System.getenv("PORTRAIT_TOKEN_FILE") == null) {
      System.err.println(
          "usage: FollowChanges seen.token; set PORTRAIT_TOKEN_FILE to the file of the access token");
      System.exit(1);
    }
    Path seen = Path.of(args[0]);
    String token = Files.exists(seen) ? Files.readString(seen) : "beginning";
    try (PortraitClient client =
            PortraitClient.builder(
                    System.getenv().getOrDefault("PORTRAIT_SERVER", "127.0.0.1:7700"))
                .tokenFile(Path.of(System.getenv("PORTRAIT_TOKEN_FILE")))
                .build();
        var watch = client.watch(new WatchOptions().resumeToken(token))) {
      for (var response : watch) {
        for (var change : response.getChangesList()) {
          System.out.println(
              change.getPhoneNumber() + " " + change.getKind() + " " + change.getNewId());
        }
        // Save the token after the changes, and replace the file atomically.
        Path next = Path.of(seen + ".new");
        Files.writeString(next, response.getResumeToken());
        Files.move(next, seen, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
