import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.Duration;
import dev.portrait.client.BulkLookup;
import dev.portrait.client.CallErrors;
import dev.portrait.client.ChangeWatch;
import dev.portrait.client.Item;
import dev.portrait.client.PortraitClient;
import dev.portrait.client.Result;
import dev.portrait.client.WatchOptions;
import dev.portrait.v1.CreateTokenRequest;
import dev.portrait.v1.ErrorReason;
import dev.portrait.v1.GetProfilePictureRequest;
import dev.portrait.v1.LookupError;
import dev.portrait.v1.LookupOptions;
import dev.portrait.v1.PictureSize;
import dev.portrait.v1.ProfilePicture;
import dev.portrait.v1.RevokeTokenRequest;
import dev.portrait.v1.Role;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lookups of one contact, and what goes wrong with a call. */
final class UnaryCases {
  private static final String CONTACT = "+4915200000001";

  static void unary(Support support, JsonObject each) {
    PortraitClient.Builder builder =
        support.builder(each.has("server") ? each.get("server").getAsString() : "main");
    if (each.has("token")) {
      builder.token(each.get("token").getAsString());
    }
    JsonObject call = each.getAsJsonObject("call");
    GetProfilePictureRequest.Builder request =
        GetProfilePictureRequest.newBuilder().setContact(call.get("contact").getAsString());
    if (call.has("existing_id")) {
      request.setExistingId(call.get("existing_id").getAsString());
    }
    if (call.has("size")) {
      request.getOptionsBuilder().setSize(PictureSize.valueOf(call.get("size").getAsString()));
    }
    if (call.has("default_country")) {
      request.getOptionsBuilder().setDefaultCountry(call.get("default_country").getAsString());
    }
    if (call.has("max_age_seconds")) {
      request
          .getOptionsBuilder()
          .setMaxAge(Duration.newBuilder().setSeconds(call.get("max_age_seconds").getAsLong()));
    }
    PortraitClient client = support.connect(builder);
    if (each.has("error")) {
      checkError(
          each.getAsJsonObject("error"),
          () -> client.pictures().getProfilePicture(request.build()));
    } else {
      checkPicture(
          each.getAsJsonObject("picture"),
          client.pictures().getProfilePicture(request.build()).getProfilePicture());
      if (!call.has("existing_id")) {
        checkPicture(
            each.getAsJsonObject("picture"),
            client.get(request.getContact(), request.getOptions()));
      }
    }
  }

  static void batch(Support support, JsonObject each) {
    PortraitClient client = support.connect(support.builder("main"));
    List<Item<String>> items = new ArrayList<>();
    for (JsonElement row : each.getAsJsonArray("rows")) {
      JsonArray cells = row.getAsJsonArray();
      items.add(
          new Item<>(
              cells.get(0).getAsString(),
              "",
              cells.get(1).getAsString(),
              cells.get(2).getAsString()));
    }
    LookupOptions options =
        LookupOptions.newBuilder()
            .setDefaultCountry(each.get("default_country").getAsString())
            .build();
    List<Result<String>> results = client.batchGet(items, options);
    Support.equal(items, results.stream().map(Result::item).toList());
    for (Result<String> result : results) {
      Support.equal(
          result.item().context(),
          result.picture() != null
              ? result.picture().getJid()
              : result.error().getReason().name());
    }
    Support.equal(List.of(), client.batchGet(List.<Item<String>>of(), options));
    JsonObject tooMany = each.getAsJsonObject("too_many");
    Support.fails(
        tooMany.get("code").getAsString(),
        () ->
            client.batchGet(
                Collections.nCopies(tooMany.get("items").getAsInt(), Item.of(CONTACT)), options));
  }

  private static void checkError(JsonObject expected, Runnable call) {
    LookupError why =
        CallErrors.toLookupError(Support.fails(expected.get("code").getAsString(), call));
    Support.equal(expected.get("reason").getAsString(), why.getReason().name());
    Support.equal(expected.get("retry_after").getAsBoolean(), why.hasRetryAfter());
    Support.check(!why.getMessage().isEmpty());
  }

  private static void checkPicture(JsonObject expected, ProfilePicture got) {
    Support.equal(expected.get("jid").getAsString(), got.getJid());
    Support.equal(expected.get("registration").getAsString(), got.getRegistration().name());
    Support.equal(expected.get("state").getAsString(), got.getState().name());
    Support.equal(expected.get("id").getAsString(), got.getId());
    Support.equal(expected.get("url").getAsBoolean(), !got.getUrl().isEmpty());
    Support.equal(expected.get("preview_url").getAsBoolean(), !got.getPreviewUrl().isEmpty());
    Support.equal(
        expected.has("is_business") && expected.get("is_business").getAsBoolean(),
        got.getIsBusiness());
    Support.equal(expected.has("name") ? expected.get("name").getAsString() : "", got.getName());
    if (expected.has("source")) {
      Support.equal(expected.get("source").getAsString(), got.getSource().name());
    }
    Support.check(got.getCheckTime().getSeconds() > 0);
  }

  static void retried(Support support, JsonObject each) throws Exception {
    PortraitClient client = support.scripted();
    String script = support.script(each.get("script").getAsString());
    long start = System.nanoTime();
    Support.equal("found", client.get(script).getName());
    Support.check(System.nanoTime() - start >= each.get("at_least_seconds").getAsDouble() * 1e9);
    Support.equal(
        each.get("calls").getAsInt(),
        support.stat(each.get("script").getAsString(), "calls"));
    // The asynchronous method retries as well.
    String another = script + "-again";
    Support.equal(
        "found", client.getAsync(another, LookupOptions.getDefaultInstance()).get().getName());
    var left = client.getAsync("silent", LookupOptions.getDefaultInstance());
    left.cancel(true);
    Support.check(left.isCancelled());
  }

  static void plainTextToken(Support support, JsonObject each) throws Exception {
    for (var address : each.getAsJsonArray("refused")) {
      try {
        PortraitClient.builder(address.getAsString()).token("secret").build().close();
        throw new AssertionError(address + ": the token would be sent without encryption");
      } catch (IllegalStateException expected) {
        Support.check(expected.getMessage().contains("encryption"));
      }
      PortraitClient.builder(address.getAsString()).build().close();
      PortraitClient.builder(address.getAsString()).token("secret").tls().build().close();
      PortraitClient.builder(address.getAsString())
          .token("secret")
          .allowPlaintext()
          .build()
          .close();
    }
    for (var address : each.getAsJsonArray("accepted")) {
      PortraitClient.builder(address.getAsString()).token("secret").build().close();
    }
  }

  static void unaryNewer(Support support, JsonObject each) {
    ProfilePicture got = support.scripted().get("newer");
    Support.equal(each.get("unknown").getAsInt(), got.getStateValue());
    Support.equal(each.get("unknown").getAsInt(), got.getRegistrationValue());
  }

  static void errorNewer(Support support, JsonObject each) {
    LookupError why =
        CallErrors.toLookupError(
            Support.fails("UNAVAILABLE", () -> support.scripted().get("newer-error")));
    Support.equal(ErrorReason.ERROR_REASON_UNSPECIFIED, why.getReason());
    Support.equal(each.get("retry_after_seconds").getAsLong(), why.getRetryAfter().getSeconds());
  }

  static void deadline(Support support, JsonObject each) {
    var timeout = Support.seconds(each, "timeout_seconds");
    var silent = GetProfilePictureRequest.newBuilder().setContact("silent").build();
    var pictures =
        support.scripted().pictures().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
    Support.within(
        each,
        () -> Support.fails("DEADLINE_EXCEEDED", () -> pictures.getProfilePicture(silent)));
    PortraitClient client = support.connect(support.builder("scripted").timeout(timeout));
    Support.within(each, () -> Support.fails("DEADLINE_EXCEEDED", () -> client.get("silent")));
  }

  static void unaryCancelled(Support support, JsonObject each) {
    Context.CancellableContext context = Context.current().withCancellation();
    Support.later(java.time.Duration.ofMillis(100), () -> context.cancel(null));
    Support.within(
        each,
        () ->
            Support.fails(
                "CANCELLED", () -> context.run(() -> support.scripted().get("silent"))));
  }

  static void tls(Support support, JsonObject each) {
    JsonObject certificates = Support.world().getAsJsonObject("certificates");
    PortraitClient.Builder builder =
        support
            .builder(each.get("server").getAsString())
            .ca(path(certificates, each.get("ca").getAsString()));
    if (each.has("certificate")) {
      builder.certificate(path(certificates, "client"), path(certificates, "client_key"));
    }
    PortraitClient client = support.connect(builder);
    // No account is linked; after a successful handshake the server says so.
    Support.fails(
        each.get("works").getAsBoolean() ? "FAILED_PRECONDITION" : "UNAVAILABLE",
        () -> client.get(CONTACT));
  }

  private static Path path(JsonObject certificates, String name) {
    return Path.of(certificates.get(name).getAsString());
  }

  static void revoked(Support support, JsonObject each) {
    PortraitClient admin = support.connect("main");
    var created =
        admin
            .access()
            .createToken(
                CreateTokenRequest.newBuilder()
                    .setTenant("java")
                    .setRole(Role.ROLE_LOOKUP)
                    .build());
    PortraitClient client = support.connect(support.builder("main").token(created.getSecret()));
    CountDownLatch leave = new CountDownLatch(1);
    Iterator<Item<Void>> source = new OneThenWait(leave);
    try (BulkLookup<Void> results = client.enrich(source);
        ChangeWatch watch = client.watch(new WatchOptions())) {
      results.next();
      watch.next(); // a heartbeat
      admin
          .access()
          .revokeToken(
              RevokeTokenRequest.newBuilder()
                  .setTokenId(created.getToken().getTokenId())
                  .build());
      Support.fails("UNAUTHENTICATED", results::next);
      // The contact may be a change.
      Support.fails("UNAUTHENTICATED", () -> watch.forEach(response -> {}));
      Support.fails("UNAUTHENTICATED", () -> client.get(CONTACT));
    } finally {
      leave.countDown();
    }
  }

  private static final class OneThenWait implements Iterator<Item<Void>> {
    private final CountDownLatch leave;
    private boolean first = true;

    OneThenWait(CountDownLatch leave) {
      this.leave = leave;
    }

    @Override
    public boolean hasNext() {
      try {
        return first || !leave.await(1, TimeUnit.MINUTES);
      } catch (InterruptedException error) {
        throw new StatusRuntimeException(io.grpc.Status.CANCELLED);
      }
    }

    @Override
    public Item<Void> next() {
      first = false;
      return Item.of(CONTACT);
    }
  }

  private UnaryCases() {}
}
