import dev.portrait.client.PortraitClient;
import dev.portrait.client.WatchOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Prints picture changes as they are found; none is missed between two runs: {@code FollowChanges
 * seen.token}. The file keeps how far this has come; without it, all changes that the server keeps
 * are printed first. PORTRAIT_SERVER and PORTRAIT_TOKEN_FILE say where to ask.
 */
class FollowChanges {
  public static void main(String[] args) throws Exception {
    Path seen = Path.of(args[0]);
    String token = Files.exists(seen) ? Files.readString(seen) : "beginning";
    try (PortraitClient client =
            PortraitClient.builder(System.getenv("PORTRAIT_SERVER"))
                .tokenFile(Path.of(System.getenv("PORTRAIT_TOKEN_FILE")))
                .build();
        var watch = client.watch(new WatchOptions().resumeToken(token))) {
      for (var response : watch) {
        for (var change : response.getChangesList()) {
          System.out.println(
              change.getPhoneNumber() + " " + change.getKind() + " " + change.getNewId());
        }
        // Only once the changes are safe; and never half a token.
        Path next = Path.of(seen + ".new");
        Files.writeString(next, response.getResumeToken());
        Files.move(next, seen, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
