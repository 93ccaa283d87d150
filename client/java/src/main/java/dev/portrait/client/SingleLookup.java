package dev.portrait.client;

import dev.portrait.v1.GetProfilePictureRequest;
import dev.portrait.v1.GetProfilePictureResponse;
import dev.portrait.v1.ProfilePicture;
import dev.portrait.v1.ProfilePictureServiceGrpc.ProfilePictureServiceStub;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One lookup of one contact. If the server is unavailable, the call is retried up to three times,
 * within the timeout, and only if the server asks for a delay of at most 5 s.
 */
final class SingleLookup extends CompletableFuture<ProfilePicture> {
  private static final int MAX_ATTEMPTS = 4;
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(5);

  private final ProfilePictureServiceStub pictures;
  private final GetProfilePictureRequest request;
  private final long end; // of System.nanoTime()
  private final Context context = Context.current();
  private final Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(2));
  private int attempts;
  private volatile ClientCallStreamObserver<GetProfilePictureRequest> call;

  SingleLookup(
      ProfilePictureServiceStub pictures, GetProfilePictureRequest request, Duration timeout) {
    this.pictures = pictures;
    this.request = request;
    end = System.nanoTime() + timeout.toNanos();
  }

  SingleLookup start() {
    attempts++;
    pictures
        .withDeadlineAfter(end - System.nanoTime(), TimeUnit.NANOSECONDS)
        .getProfilePicture(request, new Observer());
    return this;
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    ClientCallStreamObserver<GetProfilePictureRequest> current = call;
    if (cancelled && current != null) {
      current.cancel("the lookup was cancelled", null);
    }
    return cancelled;
  }

  private void failed(StatusRuntimeException why) {
    long wait = backoff.next();
    var lookupError = CallErrors.toLookupError(why);
    boolean tooLong = false;
    if (lookupError.hasRetryAfter()) {
      var delay = lookupError.getRetryAfter();
      Duration retryAfter = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
      tooLong = retryAfter.compareTo(LONGEST_RETRY_AFTER) > 0;
      // The jitter comes on top: the server asked for at least this delay.
      wait += tooLong ? 0 : retryAfter.toNanos();
    }
    if (why.getStatus().getCode() != Status.Code.UNAVAILABLE
        || tooLong
        || attempts == MAX_ATTEMPTS
        || wait > end - System.nanoTime()) {
      completeExceptionally(why);
      return;
    }
    CompletableFuture.delayedExecutor(wait, TimeUnit.NANOSECONDS)
        .execute(
            context.wrap(
                () -> {
                  if (!isDone()) {
                    start();
                  }
                }));
  }

  private final class Observer
      implements ClientResponseObserver<GetProfilePictureRequest, GetProfilePictureResponse> {
    @Override
    public void beforeStart(ClientCallStreamObserver<GetProfilePictureRequest> stream) {
      call = stream;
    }

    @Override
    public void onNext(GetProfilePictureResponse response) {
      complete(response.getProfilePicture());
    }

    @Override
    public void onError(Throwable why) {
      failed(Status.fromThrowable(why).asRuntimeException(Status.trailersFromThrowable(why)));
    }

    @Override
    public void onCompleted() {
      // onNext has completed the future.
    }
  }
}
