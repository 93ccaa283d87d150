import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.portrait.client.ChangeWatch;
import dev.portrait.client.PortraitClient;
import dev.portrait.client.WatchOptions;
import dev.portrait.v1.ChangeKind;
import dev.portrait.v1.ProfilePictureChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Following changes. */
final class WatchCases {
  private static List<String> strings(JsonObject each, String field) {
    return each.getAsJsonArray(field).asList().stream().map(JsonElement::getAsString).toList();
  }

  private static WatchOptions of(Support support, JsonObject each) {
    return new WatchOptions()
        .contacts(List.of(support.script(each.get("script").getAsString())))
        .backoff(Duration.ofMillis(1), Duration.ofMillis(20));
  }

  static void killed(Support support, JsonObject each) {
    PortraitClient client = support.connect("main");
    List<String> contacts = new ArrayList<>(strings(each, "contacts"));
    contacts.forEach(client::get);
    String then = each.get("then").getAsString();
    contacts.add(then);
    List<ProfilePictureChange> changes = new ArrayList<>();
    try (ChangeWatch watch =
        client.watch(
            new WatchOptions()
                .resumeToken("beginning")
                .contacts(contacts)
                .backoff(Duration.ofMillis(10), Duration.ofSeconds(1)))) {
      while (changes.size() < contacts.size() - 1) {
        changes.addAll(watch.next().getChangesList());
      }
      Support.restartServer();
      Support.collect(client.enrich(Support.items(List.of(then))));
      while (changes.size() < contacts.size()) {
        changes.addAll(watch.next().getChangesList());
      }
    }
    Support.equal(
        contacts, changes.stream().map(ProfilePictureChange::getPhoneNumber).toList());
    long last = -1;
    for (ProfilePictureChange change : changes) {
      Support.equal(ChangeKind.CHANGE_KIND_FIRST_SEEN, change.getKind());
      Support.check(change.getSequence() > last);
      last = change.getSequence();
    }
  }

  static void resumes(Support support, JsonObject each) {
    List<String> tokens = new ArrayList<>();
    try (ChangeWatch watch =
        support
            .scripted()
            .watch(of(support, each).resumeToken(each.get("from").getAsString()))) {
      Support.fails(
          "PERMISSION_DENIED",
          () -> {
            for (var response : watch) {
              response.getChangesList().forEach(change -> tokens.add(change.getOldId()));
            }
          });
    }
    Support.equal(strings(each, "tokens"), tokens);
  }

  static void cancelled(Support support, JsonObject each) {
    ChangeWatch watch = support.scripted().watch(of(support, each));
    Support.later(Duration.ofMillis(200), watch::close);
    Support.within(each, () -> Support.fails("CANCELLED", watch::next));
    Support.waitUntil(() -> support.stat(each.get("script").getAsString(), "open") == 0);
  }

  static void newer(Support support, JsonObject each) {
    try (ChangeWatch watch = support.scripted().watch(of(support, each))) {
      Support.equal(
          each.get("unknown").getAsInt(), watch.next().getChanges(0).getKindValue());
    }
  }

  private WatchCases() {}
}
