package dev.portrait.client;

import dev.portrait.v1.AccessServiceGrpc;
import dev.portrait.v1.GetProfilePictureRequest;
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
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/**
 * The way into a portraitd: a channel, the token, and stubs to call with.
 *
 * <p>Thread-safe. Connects when the first call is made. Calls that fail throw
 * {@link io.grpc.StatusRuntimeException}; {@link CallErrors} tells why and when to try again.
 */
public final class PortraitClient implements AutoCloseable {
  private static final int DEFAULT_PORT = 7700;
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
  // A message carries at most 1000 results of a few kilobytes each.
  private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final ManagedChannel channel;
  private final ProfilePictureServiceGrpc.ProfilePictureServiceBlockingStub pictures;
  private final ProfilePictureServiceGrpc.ProfilePictureServiceStub pictureStreams;
  private final SessionServiceGrpc.SessionServiceBlockingStub sessions;
  private final AccessServiceGrpc.AccessServiceBlockingStub access;

  private PortraitClient(Builder builder) throws IOException {
    channel =
        Grpc.newChannelBuilder(builder.server, builder.credentials())
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            // Trying again is decided here, where items can be told apart.
            .disableRetry()
            .intercept(new CallSettings(builder.token, builder.timeout))
            .build();
    pictures = ProfilePictureServiceGrpc.newBlockingStub(channel);
    pictureStreams = ProfilePictureServiceGrpc.newStub(channel);
    sessions = SessionServiceGrpc.newBlockingStub(channel);
    access = AccessServiceGrpc.newBlockingStub(channel);
  }

  /**
   * @param server "HOST:PORT" or "HOST" (port 7700)
   */
  public static Builder builder(String server) {
    return new Builder(server);
  }

  /** The service as generated; token and timeout are added to each call. */
  public ProfilePictureServiceGrpc.ProfilePictureServiceBlockingStub pictures() {
    return pictures;
  }

  public SessionServiceGrpc.SessionServiceBlockingStub sessions() {
    return sessions;
  }

  public AccessServiceGrpc.AccessServiceBlockingStub access() {
    return access;
  }

  /** One contact. */
  public ProfilePicture get(String contact) {
    return pictures
        .getProfilePicture(GetProfilePictureRequest.newBuilder().setContact(contact).build())
        .getProfilePicture();
  }

  /** Any number of contacts, each with exactly one result, in any order. */
  public <C> BulkLookup<C> enrich(Iterator<Item<C>> items) {
    return enrich(items, new BulkOptions());
  }

  /** Any number of contacts, each with exactly one result, in any order. */
  public <C> BulkLookup<C> enrich(Iterator<Item<C>> items, BulkOptions options) {
    return new BulkLookup<>(
        reader -> {
          channel.resetConnectBackoff();
          pictureStreams.enrichProfilePictures(reader);
        },
        items,
        options);
  }

  /** Follows changes from {@code options.resumeToken} on. */
  public ChangeWatch watch(WatchOptions options) {
    return new ChangeWatch(
        (request, reader) -> {
          channel.resetConnectBackoff();
          pictureStreams.watchProfilePictureChanges(request, reader);
        },
        options);
  }

  /** Ends all calls. */
  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** Who is calling, and how. */
  public static final class Builder {
    private final String server;
    private String token = "";
    private boolean tls;
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
        throw new IllegalArgumentException("the token has a character that no token has");
      }
      this.token = token;
      return this;
    }

    /** Reads it now; white space around it is dropped. */
    public Builder tokenFile(Path file) throws IOException {
      return token(Files.readString(file).strip());
    }

    /** Encrypts, and checks the server's certificate against Java's roots. */
    public Builder tls() {
      tls = true;
      return this;
    }

    /** Encrypts, and checks the server's certificate against these roots (PEM). */
    public Builder ca(Path file) {
      ca = file;
      return tls();
    }

    /** This client's own certificate and PKCS#8 key (PEM), for mutual TLS. */
    public Builder certificate(Path certificateFile, Path keyFile) {
      certificate = certificateFile;
      key = keyFile;
      return tls();
    }

    /** Of each call of one answer that has no deadline; 30 s unless set. */
    public Builder timeout(Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    /**
     * @throws IOException when a certificate file cannot be read
     */
    public PortraitClient build() throws IOException {
      return new PortraitClient(this);
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

  /** Adds the token to each call, and the timeout to those of one answer. */
  private record CallSettings(String token, Duration timeout) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      boolean oneAnswer = method.getType() == MethodDescriptor.MethodType.UNARY;
      if (oneAnswer && options.getDeadline() == null) {
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
