package dev.portrait.client;

import dev.portrait.v1.AccessServiceGrpc;
import dev.portrait.v1.AdminServiceGrpc;
import dev.portrait.v1.BatchGetProfilePicturesResponse;
import dev.portrait.v1.GetProfilePictureRequest;
import dev.portrait.v1.LookupOptions;
import dev.portrait.v1.ProfilePicture;
import dev.portrait.v1.ProfilePictureServiceGrpc;
import dev.portrait.v1.SessionServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A client of one Portrait server.
 *
 * <p>Thread-safe. The first call opens the connection. Calls that fail throw
 * {@link io.grpc.StatusRuntimeException}; {@link CallErrors} reads its reason and the delay before a
 * retry.
 */
public final class PortraitClient implements AutoCloseable {
  private static final int DEFAULT_PORT = 7700;
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
  // A message carries at most 1000 results of a few kilobytes each.
  private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
  // gRPC retries these methods, which can be repeated without harm. It does not know RetryInfo, so
  // SingleLookup retries GetProfilePicture.
  private static final Map<String, ?> SERVICE_CONFIG =
      Map.of(
          "methodConfig",
          List.of(
              Map.of(
                  "name",
                  Stream.of(
                          "ProfilePictureService/BatchGetProfilePictures",
                          "ProfilePictureService/ListProfilePictureChanges",
                          "ProfilePictureService/ForgetContact",
                          "SessionService/ListSessions",
                          "SessionService/GetSession",
                          "SessionService/PauseSession",
                          "SessionService/ResumeSession",
                          "AccessService/ListTokens",
                          "AccessService/GetUsage",
                          "AdminService/ListBackups",
                          "AdminService/GetStoreStats")
                      .map(name -> name.split("/"))
                      .map(name -> Map.of("service", "portrait.v1." + name[0], "method", name[1]))
                      .toList(),
                  "retryPolicy",
                  Map.of(
                      "maxAttempts", 4.0,
                      "initialBackoff", "0.2s",
                      "maxBackoff", "2s",
                      "backoffMultiplier", 2.0,
                      "retryableStatusCodes", List.of("UNAVAILABLE")))));
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final ManagedChannel channel;
  private final ProfilePictureServiceGrpc.ProfilePictureServiceBlockingStub pictures;
  private final ProfilePictureServiceGrpc.ProfilePictureServiceStub pictureStreams;
  private final SessionServiceGrpc.SessionServiceBlockingStub sessions;
  private final AccessServiceGrpc.AccessServiceBlockingStub access;
  private final AdminServiceGrpc.AdminServiceBlockingStub admin;
  private final Duration timeout;

  private PortraitClient(Builder builder) throws IOException {
    channel =
        Grpc.newChannelBuilder(builder.server, builder.credentials())
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            // Pings during a call detect a server that has disappeared without closing
            // the connection. The server refuses pings less than 10 seconds apart.
            .keepAliveTime(60, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .defaultServiceConfig(SERVICE_CONFIG)
            .enableRetry()
            .intercept(new CallSettings(builder.token, builder.timeout))
            .build();
    pictures = ProfilePictureServiceGrpc.newBlockingStub(channel);
    pictureStreams = ProfilePictureServiceGrpc.newStub(channel);
    sessions = SessionServiceGrpc.newBlockingStub(channel);
    access = AccessServiceGrpc.newBlockingStub(channel);
    admin = AdminServiceGrpc.newBlockingStub(channel);
    timeout = builder.timeout;
  }

  /**
   * @param server "HOST:PORT" or "HOST" (port 7700)
   */
  public static Builder builder(String server) {
    return new Builder(server);
  }

  /** The generated client. The token is added to each call, the timeout to unary calls. */
  public ProfilePictureServiceGrpc.ProfilePictureServiceBlockingStub pictures() {
    return pictures;
  }

  public SessionServiceGrpc.SessionServiceBlockingStub sessions() {
    return sessions;
  }

  public AccessServiceGrpc.AccessServiceBlockingStub access() {
    return access;
  }

  public AdminServiceGrpc.AdminServiceBlockingStub admin() {
    return admin;
  }

  /** Looks up one contact with the default options. */
  public ProfilePicture get(String contact) {
    return get(contact, LookupOptions.getDefaultInstance());
  }

  /**
   * Looks up one contact. If the server is unavailable, the call is retried up to three times,
   * within the timeout, and only if the server asks for a delay of at most 5 s.
   */
  public ProfilePicture get(String contact, LookupOptions options) {
    CompletableFuture<ProfilePicture> lookup = getAsync(contact, options);
    try {
      return lookup.get();
    } catch (InterruptedException interrupted) {
      lookup.cancel(true);
      Thread.currentThread().interrupt();
      throw Status.CANCELLED.withDescription("interrupted").asRuntimeException();
    } catch (ExecutionException failure) {
      // A new exception, whose stack trace shows this caller.
      Throwable why = failure.getCause();
      throw Status.fromThrowable(why).asRuntimeException(Status.trailersFromThrowable(why));
    }
  }

  /**
   * Like get, without blocking. The future fails with StatusRuntimeException; cancelling it cancels
   * the call.
   */
  public CompletableFuture<ProfilePicture> getAsync(String contact, LookupOptions options) {
    GetProfilePictureRequest request =
        GetProfilePictureRequest.newBuilder().setContact(contact).setOptions(options).build();
    return new SingleLookup(pictureStreams, request, timeout).start();
  }

  /**
   * Looks up at most 1000 contacts in one call; the results are in the order of the items. For more
   * contacts, or to see each result as soon as it is available, use enrich. The server answers
   * shortly before the timeout; an item that it could not look up until then has an error.
   */
  public <C> List<Result<C>> batchGet(List<Item<C>> items, LookupOptions options) {
    Batch<C> batch = new Batch<>(items, options);
    var request = batch.request();
    return batch.results(
        request.getItemsCount() == 0
            ? BatchGetProfilePicturesResponse.getDefaultInstance()
            : pictures.batchGetProfilePictures(request));
  }

  /** Looks up any number of contacts; returns exactly one result for each, in any order. */
  public <C> BulkLookup<C> enrich(Iterator<Item<C>> items) {
    return enrich(items, new BulkOptions());
  }

  /** Looks up any number of contacts; returns exactly one result for each, in any order. */
  public <C> BulkLookup<C> enrich(Iterator<Item<C>> items, BulkOptions options) {
    return new BulkLookup<>(
        reader -> {
          channel.resetConnectBackoff();
          pictureStreams.enrichProfilePictures(reader);
        },
        items,
        options);
  }

  /** Receives changes, starting at {@code options.resumeToken}. */
  public ChangeWatch watch(WatchOptions options) {
    return new ChangeWatch(
        (request, reader) -> {
          channel.resetConnectBackoff();
          pictureStreams.watchProfilePictureChanges(request, reader);
        },
        options);
  }

  /** Closes the connection and ends all calls. */
  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** The settings of a client. Each setter changes the object and returns it. */
  public static final class Builder {
    private final String server;
    private String token = "";
    private boolean tls;
    private boolean allowPlaintext;
    private Path ca;
    private Path certificate;
    private Path key;
    private Duration timeout = DEFAULT_TIMEOUT;

    private Builder(String server) {
      if (server.isEmpty() || server.contains("/")) {
        throw new IllegalArgumentException(
            "server \"" + server + "\": expected HOST:PORT or HOST");
      }
      this.server = server.matches(".*:\\d+") ? server : server + ":" + DEFAULT_PORT;
    }

    public Builder token(String token) {
      if (!token.chars().allMatch(c -> c > ' ' && c <= '~')) {
        throw new IllegalArgumentException(
            "the token has an invalid character: white space, a control character or a character"
                + " outside ASCII");
      }
      this.token = token;
      return this;
    }

    /** Reads the token from a file now and removes white space around it. */
    public Builder tokenFile(Path file) throws IOException {
      return token(Files.readString(file).strip());
    }

    /** Uses TLS and verifies the server's certificate against Java's root certificates. */
    public Builder tls() {
      tls = true;
      return this;
    }

    /** Uses TLS and verifies the server's certificate against these root certificates (PEM). */
    public Builder ca(Path file) {
      ca = file;
      return tls();
    }

    /** The client's own certificate and PKCS#8 key (PEM), for mutual TLS. */
    public Builder certificate(Path certificateFile, Path keyFile) {
      certificate = certificateFile;
      key = keyFile;
      return tls();
    }

    /**
     * Sends the token without TLS to a server on another machine. Without it, build throws in that
     * case.
     */
    public Builder allowPlaintext() {
      allowPlaintext = true;
      return this;
    }

    /** The timeout of unary calls that have no deadline; 30 s by default. */
    public Builder timeout(Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    /**
     * @throws IOException if a certificate file cannot be read
     * @throws IllegalStateException if the token would be sent to another machine without TLS
     */
    public PortraitClient build() throws IOException {
      if (!token.isEmpty() && !tls && !allowPlaintext && !onThisMachine()) {
        throw new IllegalStateException(
            "the token would be sent to " + server + " without encryption: use tls() or ca(), or"
                + " allowPlaintext() if the network is trusted");
      }
      return new PortraitClient(this);
    }

    private boolean onThisMachine() {
      String host = server.substring(0, server.lastIndexOf(':'));
      return host.matches("localhost|.*\\.localhost|127(\\.\\d+){3}|\\[::1\\]");
    }

    private ChannelCredentials credentials() throws IOException {
      if (!tls) {
        return InsecureChannelCredentials.create();
      }
      TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder();
      if (ca != null) {
        credentials.trustManager(ca.toFile());
      }
      if (certificate != null) {
        credentials.keyManager(certificate.toFile(), key.toFile());
      }
      return credentials.build();
    }
  }

  /** Adds the token to each call, and the timeout to unary calls. */
  private record CallSettings(String token, Duration timeout) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      boolean unary = method.getType() == MethodDescriptor.MethodType.UNARY;
      if (unary && options.getDeadline() == null) {
        options = options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
      }
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<R> listener, Metadata headers) {
          if (!token.isEmpty()) {
            headers.put(AUTHORIZATION, "Bearer " + token);
          }
          super.start(listener, headers);
        }
      };
    }
  }
}
