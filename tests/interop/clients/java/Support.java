import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.portrait.client.BulkLookup;
import dev.portrait.client.BulkOptions;
import dev.portrait.client.Item;
import dev.portrait.client.PortraitClient;
import dev.portrait.client.Result;
import dev.portrait.v1.LookupOptions;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** The world around one case: see ../world.py and ../cases.json. */
final class Support implements AutoCloseable {
  // A generous limit, because the machine may be slow and shared.
  static final Duration PATIENCE = Duration.ofMinutes(1);

  final String name;
  private final Deque<PortraitClient> clients = new ArrayDeque<>();
  private PortraitClient scripted;

  Support(String name) {
    this.name = name;
  }

  @Override
  public void close() {
    clients.forEach(PortraitClient::close);
  }

  // ---- servers

  private static String ask(String method, String path) {
    try {
      var request =
          HttpRequest.newBuilder(URI.create(System.getenv("PORTRAIT_WORLD") + path))
              .timeout(PATIENCE.multipliedBy(2))
              .method(method, HttpRequest.BodyPublishers.noBody())
              .build();
      return HttpClient.newHttpClient()
          .send(request, HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException | InterruptedException error) {
      throw new AssertionError(error);
    }
  }

  static JsonObject world() {
    return JsonParser.parseString(ask("GET", "")).getAsJsonObject();
  }

  static void restartServer() {
    ask("POST", "restart");
  }

  PortraitClient.Builder builder(String server) {
    JsonObject there = world().getAsJsonObject("servers").getAsJsonObject(server);
    return PortraitClient.builder(there.get("address").getAsString())
        .token(there.get("token").getAsString());
  }

  /** Closed when the case is over. */
  PortraitClient connect(PortraitClient.Builder builder) {
    try {
      clients.add(builder.build());
    } catch (IOException error) {
      throw new AssertionError(error);
    }
    return clients.getLast();
  }

  PortraitClient connect(String server) {
    return connect(builder(server));
  }

  // ---- the scripted server; each case has its own run of a script

  PortraitClient scripted() {
    if (scripted == null) {
      scripted = connect("scripted");
    }
    return scripted;
  }

  String script(String script) {
    return script + "#" + name;
  }

  static BulkOptions quick() {
    return new BulkOptions()
        .backoff(Duration.ofMillis(1), Duration.ofMillis(20))
        .retryFor(PATIENCE);
  }

  <C> BulkLookup<C> enrich(String script, Iterator<Item<C>> items, BulkOptions options) {
    return scripted()
        .enrich(
            items, options.lookup(LookupOptions.newBuilder().setSession(script(script)).build()));
  }

  /** "calls", "sent" or "open". */
  int stat(String script, String which) {
    for (String word : scripted().get("stats/" + script(script)).getName().split(" ")) {
      if (word.startsWith(which + "=")) {
        return Integer.parseInt(word.substring(which.length() + 1));
      }
    }
    throw new AssertionError(which);
  }

  // ---- contacts

  /** Ten apart; the scripted server goes by the last digit. */
  static List<String> numbers(int count) {
    return numbers("+49151", 10_000_000, 10, count);
  }

  static List<String> numbers(String prefix, int first, int step, int count) {
    String format = "%s%0" + (14 - prefix.length()) + "d";
    return IntStream.range(0, count)
        .mapToObj(i -> String.format(format, prefix, first + i * step))
        .toList();
  }

  static List<String> numbers(JsonObject each) {
    return numbers(
        each.get("prefix").getAsString(),
        each.get("first").getAsInt(),
        each.get("step").getAsInt(),
        each.get("count").getAsInt());
  }

  static Iterator<Item<Void>> items(List<String> contacts) {
    return contacts.stream().map(Item::of).iterator();
  }

  /** A source that counts, and knows when it was left. */
  static final class Source implements Iterator<Item<Void>>, AutoCloseable {
    final AtomicInteger taken = new AtomicInteger();
    volatile boolean closed;
    private final Iterator<String> contacts;

    Source(List<String> contacts) {
      this.contacts = contacts.iterator();
    }

    @Override
    public boolean hasNext() {
      return contacts.hasNext();
    }

    @Override
    public Item<Void> next() {
      taken.incrementAndGet();
      return Item.of(contacts.next());
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  // ---- expectations

  static void check(boolean holds, Object... what) {
    if (!holds) {
      throw new AssertionError(List.of(what).toString());
    }
  }

  static void equal(Object want, Object got) {
    if (!Objects.equals(want, got)) {
      throw new AssertionError("want " + want + ", got " + got);
    }
  }

  static StatusRuntimeException fails(String code, Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException error) {
      if (!error.getStatus().getCode().name().equals(code)) {
        throw new AssertionError("want " + code, error);
      }
      return error;
    }
    throw new AssertionError("want " + code + ", got none");
  }

  static void within(JsonObject each, Runnable call) {
    long start = System.nanoTime();
    call.run();
    check(System.nanoTime() - start < each.get("within_seconds").getAsLong() * 1_000_000_000L);
  }

  static void waitUntil(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      check(System.nanoTime() < end, "not in time");
      pause(Duration.ofMillis(10));
    }
  }

  static void pause(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException error) {
      throw new AssertionError(error);
    }
  }

  static Thread later(Duration delay, Runnable what) {
    Thread thread =
        new Thread(
            () -> {
              pause(delay);
              what.run();
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  static Duration seconds(JsonObject each, String field) {
    return Duration.ofMillis((long) (each.get(field).getAsDouble() * 1000));
  }

  static <C> List<Result<C>> collect(BulkLookup<C> results) {
    List<Result<C>> all = new ArrayList<>();
    try (results) {
      results.forEach(all::add);
    }
    return all;
  }

  static <C> void checkOneEach(List<String> contacts, List<Result<C>> results) {
    equal(contacts.size(), results.size());
    Map<String, Integer> missing = new HashMap<>();
    contacts.forEach(contact -> missing.merge(contact, 1, Integer::sum));
    for (Result<C> result : results) {
      missing.merge(result.item().contact(), -1, Integer::sum);
      check(result.error() == null, result);
      equal(result.item().contact(), result.picture().getPhoneNumber());
    }
    check(missing.values().stream().allMatch(count -> count == 0), missing);
  }
}
