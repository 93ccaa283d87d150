import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.portrait.client.BulkLookup;
import dev.portrait.client.BulkOptions;
import dev.portrait.client.CallErrors;
import dev.portrait.client.Item;
import dev.portrait.client.PortraitClient;
import dev.portrait.client.Result;
import dev.portrait.v1.ErrorReason;
import dev.portrait.v1.LookupOptions;
import dev.portrait.v1.Registration;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Bulk lookups. */
final class BulkCases {
  private static String outcomeOf(Result<?> result) {
    if (result.error() != null) {
      return "error: " + result.error().getMessage();
    }
    return result.picture().getRegistration() == Registration.REGISTRATION_NOT_REGISTERED
        ? "not registered"
        : result.picture().getState().name();
  }

  private static int count(JsonObject each) {
    return each.get("count").getAsInt();
  }

  private static String script(JsonObject each) {
    return each.get("script").getAsString();
  }

  static void numbers(Support support, JsonObject each) {
    List<String> contacts = Support.numbers(each);
    var results = Support.collect(support.connect("main").enrich(Support.items(contacts)));
    Support.checkOneEach(contacts, results);
    Map<String, Integer> want = new TreeMap<>();
    for (Map.Entry<String, JsonElement> outcome : each.getAsJsonObject("outcomes").entrySet()) {
      want.put(outcome.getKey(), outcome.getValue().getAsInt());
    }
    Map<String, Integer> got = new TreeMap<>();
    results.forEach(result -> got.merge(outcomeOf(result), 1, Integer::sum));
    Support.equal(want, got);
  }

  static void killed(Support support, JsonObject each) throws InterruptedException {
    List<String> contacts = Support.numbers(each);
    List<Integer> kills = new ArrayList<>();
    each.getAsJsonArray("kill_after").forEach(after -> kills.add(after.getAsInt()));
    List<Thread> killing = new ArrayList<>();
    List<Result<Void>> results = new ArrayList<>();
    List<StatusRuntimeException> troubles = new ArrayList<>();
    BulkOptions options = Support.quick().maxPending(2000).onTrouble(troubles::add);
    try (var lookup = support.connect("main").enrich(Support.items(contacts), options)) {
      for (Result<Void> result : lookup) {
        results.add(result);
        if (!kills.isEmpty() && results.size() >= kills.get(0)) {
          kills.remove(0);
          killing.add(Support.later(Duration.ZERO, Support::restartServer));
        }
      }
    }
    for (Thread thread : killing) {
      thread.join();
    }
    Support.checkOneEach(contacts, results);
    Support.check(troubles.size() >= 2, troubles);
  }

  static void nothing(Support support, JsonObject each) {
    Support.equal(
        0, Support.collect(support.connect("nobody").enrich(Support.items(List.of()))).size());
  }

  static void repeated(Support support, JsonObject each) {
    String contact = each.get("contact").getAsString();
    Iterator<Item<Integer>> items =
        IntStream.range(0, count(each)).mapToObj(i -> Item.of(contact, i)).iterator();
    var results = support.connect("main").enrich(items).stream().toList();
    Support.equal(
        IntStream.range(0, count(each)).boxed().toList(),
        results.stream().map(result -> result.item().context()).sorted().toList());
    for (var result : results) {
      Support.equal(contact, result.picture().getPhoneNumber());
    }
  }

  static void countries(Support support, JsonObject each) {
    var rows = each.getAsJsonArray("rows").asList().stream().map(JsonElement::getAsJsonArray).toList();
    Iterator<Item<String>> items =
        rows.stream()
            .map(
                row ->
                    new Item<>(
                        row.get(0).getAsString(),
                        "",
                        row.get(1).getAsString(),
                        row.get(2).getAsString()))
            .iterator();
    LookupOptions lookup =
        LookupOptions.newBuilder()
            .setDefaultCountry(each.get("default_country").getAsString())
            .build();
    var results =
        support.connect("main").enrich(items, new BulkOptions().lookup(lookup)).stream().toList();
    Support.equal(rows.size(), results.size());
    for (var result : results) {
      String number = result.item().context();
      if (number.isEmpty()) {
        Support.equal(ErrorReason.ERROR_REASON_INVALID_CONTACT, result.error().getReason());
      } else {
        Support.equal(number, result.picture().getPhoneNumber());
      }
    }
  }

  static void contactLength(Support support, JsonObject each) {
    String contact = each.get("contact").getAsString();
    int bytes = each.get("bytes").getAsInt();
    String longest = contact + " ".repeat(bytes - contact.length());
    // The length counts bytes: the last has fewer characters than that.
    List<String> oversized = List.of(longest + " ", "\u00e9".repeat(bytes / 2 + 1));
    List<String> contacts = List.of(longest, oversized.get(0), oversized.get(1), contact);
    PortraitClient client = support.connect("main");
    var results = client.enrich(Support.items(contacts), new BulkOptions()).stream().toList();
    Support.equal(contacts.size(), results.size());
    for (var result : results) {
      if (oversized.contains(result.item().contact())) {
        Support.equal(ErrorReason.ERROR_REASON_INVALID_CONTACT, result.error().getReason());
      } else {
        Support.equal(contact, result.picture().getPhoneNumber());
      }
    }
    Support.equal(contact, client.get(longest).getPhoneNumber());
    for (String refused : oversized) {
      var error = Support.fails("INVALID_ARGUMENT", () -> client.get(refused));
      Support.equal(
          ErrorReason.ERROR_REASON_INVALID_CONTACT, CallErrors.toLookupError(error).getReason());
    }
  }

  static void slow(Support support, JsonObject each) {
    int got = 0;
    var items = Support.items(Support.numbers(count(each)));
    try (var results = support.enrich(script(each), items, Support.quick())) {
      for (Result<Void> result : results) {
        if (got++ == 0) {
          Support.pause(Support.seconds(each, "pause_seconds"));
          int sent = support.stat(script(each), "sent");
          Support.check(sent < each.get("sent_at_most").getAsInt(), sent);
        }
      }
    }
    Support.equal(count(each), got);
  }

  static void window(Support support, JsonObject each) {
    int maxPending = each.get("max_pending").getAsInt();
    var source = new Support.Source(Support.numbers(count(each)));
    int got = 0;
    try (var results =
        support.enrich(script(each), source, Support.quick().maxPending(maxPending))) {
      for (Result<Void> result : results) {
        if (got++ == 0) {
          Support.pause(Support.seconds(each, "pause_seconds"));
          // One result was received, and one item waits for room.
          Support.check(source.taken.get() <= maxPending + 2, source.taken);
        }
      }
    }
    Support.equal(count(each), got);
  }

  static void trickle(Support support, JsonObject each) {
    CountDownLatch first = new CountDownLatch(1);
    // The empty contact is answered without the server.
    Iterator<Item<Void>> items =
        Stream.of("+4915100000010", "", "+4915100000020")
            .peek(
                contact -> {
                  if (contact.isEmpty()) {
                    Support.waitUntil(() -> first.getCount() == 0);
                  }
                })
            .map(Item::of)
            .iterator();
    int got = 0;
    try (var results = support.enrich(script(each), items, Support.quick())) {
      for (Result<Void> result : results) {
        got++;
        first.countDown();
      }
    }
    Support.equal(3, got);
  }

  static void batches(Support support, JsonObject each) {
    int batchItems = each.get("batch_items").getAsInt();
    List<String> sizes =
        Support.collect(
                support.enrich(
                    script(each),
                    Support.items(Support.numbers(count(each))),
                    Support.quick().batchItems(batchItems)))
            .stream()
            .map(result -> result.picture().getName())
            .toList();
    Support.equal(
        batchItems,
        sizes.stream().mapToInt(size -> Integer.parseInt(size.replace("+", ""))).max().orElse(0));
    // Only the items of the first message.
    List<String> withOptions = sizes.stream().filter(size -> size.endsWith("+")).toList();
    Support.equal(Set.of(withOptions.size() + "+"), new HashSet<>(withOptions));
  }

  static void breaks(Support support, JsonObject each) {
    int items = each.get("items").getAsInt();
    List<String> contacts = Support.numbers(items);
    for (int answered = 0; answered <= items; answered++) {
      for (JsonElement together : each.getAsJsonArray("together")) {
        String script =
            script(each)
                .replace("{answered}", Integer.toString(answered))
                .replace("{together}", together.getAsString());
        Support.checkOneEach(
            contacts,
            Support.collect(support.enrich(script, Support.items(contacts), Support.quick())));
        Support.check(support.stat(script, "calls") <= 2, script);
      }
    }
  }

  static void again(Support support, JsonObject each) {
    List<String> contacts = Support.numbers(count(each));
    BulkOptions options =
        Support.quick()
            .silence(
                each.has("silence_seconds")
                    ? Support.seconds(each, "silence_seconds")
                    : Support.PATIENCE);
    Support.checkOneEach(
        contacts,
        Support.collect(support.enrich(script(each), Support.items(contacts), options)));
    int calls = support.stat(script(each), "calls");
    Support.check(calls >= each.get("calls_at_least").getAsInt(), calls);
  }

  static void refused(Support support, JsonObject each) {
    for (JsonElement code : each.getAsJsonArray("codes")) {
      String script = script(each).replace("{code}", code.getAsString());
      var results =
          support.enrich(script, Support.items(Support.numbers(20)), Support.quick());
      try {
        Support.collect(results);
        Support.check(false, "not refused");
      } catch (StatusRuntimeException error) {
        Support.equal(code.getAsInt(), error.getStatus().getCode().value());
      }
      Support.equal(1, support.stat(script, "calls"));
    }
  }

  static void givesUp(Support support, JsonObject each) {
    Duration retryFor = Support.seconds(each, "retry_for_seconds");
    var results =
        support
            .connect(each.get("server").getAsString())
            .enrich(
                Support.items(List.of("+4915100000010")), Support.quick().retryFor(retryFor));
    long start = System.nanoTime();
    Support.fails("UNAVAILABLE", () -> Support.collect(results));
    Support.check(System.nanoTime() - start >= retryFor.toNanos());
  }

  static void unsendable(Support support, JsonObject each) {
    Set<String> bad = Set.of("", " \t", "9".repeat(1025), "+49\ud800");
    List<String> contacts = new ArrayList<>(bad);
    contacts.addAll(Support.numbers(3));
    var results =
        Support.collect(
            support.enrich(script(each), Support.items(contacts), Support.quick()));
    Support.equal(contacts.size(), results.size());
    for (var result : results) {
      if (bad.contains(result.item().contact())) {
        Support.equal(ErrorReason.ERROR_REASON_INVALID_CONTACT, result.error().getReason());
      } else {
        Support.equal(result.item().contact(), result.picture().getPhoneNumber());
      }
    }
  }

  static void sourceFails(Support support, JsonObject each) {
    List<String> contacts = Support.numbers(count(each));
    IllegalStateException failure = new IllegalStateException("line 11");
    Iterator<Item<Void>> items =
        Stream.concat(contacts.stream(), Stream.of("line 11"))
            .map(
                contact -> {
                  if (contact.equals("line 11")) {
                    throw failure;
                  }
                  return Item.of(contact);
                })
            .iterator();
    List<Result<Void>> results = new ArrayList<>();
    try (var lookup = support.enrich(script(each), items, Support.quick())) {
      lookup.forEach(results::add);
      Support.check(false, "no failure");
    } catch (IllegalStateException error) {
      Support.check(error == failure, error);
    }
    Support.checkOneEach(contacts, results);
  }

  static void cancelled(Support support, JsonObject each) {
    // Cancelled in the middle, by leaving the loop.
    var source = new Support.Source(Support.numbers(50_000));
    try (var results =
        support.enrich(script(each), source, Support.quick().maxPending(100))) {
      results.next();
    }
    Support.waitUntil(() -> source.closed);
    Support.check(source.taken.get() < 50_000);
    Support.waitUntil(() -> support.stat(script(each), "open") == 0);

    // Cancelled from another thread, while no result arrives.
    String silent = each.get("silent_script").getAsString();
    BulkLookup<Void> results =
        support.enrich(silent, Support.items(Support.numbers(10)), Support.quick());
    Support.later(Duration.ofMillis(200), results::close);
    Support.within(each, () -> Support.fails("CANCELLED", results::next));
    Support.waitUntil(() -> support.stat(silent, "open") == 0);
  }

  static void newer(Support support, JsonObject each) {
    int unknown = each.get("unknown").getAsInt();
    List<String> contacts = Support.numbers("+49151", 10_000_000, 1, count(each));
    var results =
        Support.collect(
            support.enrich(script(each), Support.items(contacts), Support.quick()));
    Support.equal(
        contacts, results.stream().map(result -> result.item().contact()).sorted().toList());
    for (var result : results) {
      switch (result.item().contact().charAt(13)) {
        case '0', '1' -> {
          Support.equal(unknown, result.picture().getStateValue());
          Support.equal(unknown, result.picture().getRegistrationValue());
        }
        case '2' -> Support.equal(unknown, result.error().getReasonValue());
        case '3' -> Support.check(result.picture() == null && result.error() == null);
        default -> Support.check(result.picture() != null, result);
      }
    }
  }

  private BulkCases() {}
}
