package dev.portrait.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.portrait.v1.ErrorReason;
import dev.portrait.v1.LookupError;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.util.Arrays;

/** Reads the details of failed calls. */
public final class CallErrors {
  private static final String DOMAIN = "portrait";

  private CallErrors() {}

  /**
   * Whether the same call may succeed when it is retried. False if the token, the request or the
   * linked accounts must be corrected first.
   */
  public static boolean isTransient(Throwable error) {
    switch (Status.fromThrowable(error).getCode()) {
      // A broken connection may be reported with any of these codes.
      case UNAVAILABLE:
      case INTERNAL:
      case UNKNOWN:
      case CANCELLED:
      case ABORTED:
      case DEADLINE_EXCEEDED:
      case RESOURCE_EXHAUSTED:
        return true;
      default:
        return false;
    }
  }

  /**
   * Returns the error of a call in the form that a bulk result has: reason, message and
   * retry_after. The reason is UNSPECIFIED if the service sent no reason, for example because the
   * call did not reach it, or a reason that this client does not know.
   */
  public static LookupError toLookupError(Throwable error) {
    String message = Status.fromThrowable(error).getDescription();
    LookupError.Builder result =
        LookupError.newBuilder().setMessage(message == null ? "" : message);
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    if (status == null) {
      return result.build();
    }
    try {
      for (Any detail : status.getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          ErrorInfo info = detail.unpack(ErrorInfo.class);
          if (info.getDomain().equals(DOMAIN)) {
            result.setReason(reasonOf(info.getReason()));
          }
        } else if (detail.is(RetryInfo.class)) {
          result.setRetryAfter(detail.unpack(RetryInfo.class).getRetryDelay());
        }
      }
    } catch (InvalidProtocolBufferException malformed) {
      // Ignore details that cannot be parsed.
      return result.build();
    }
    return result.build();
  }

  private static ErrorReason reasonOf(String name) {
    return Arrays.stream(ErrorReason.values())
        .filter(reason -> reason.name().equals(name))
        .findFirst()
        .orElse(ErrorReason.ERROR_REASON_UNSPECIFIED);
  }
}
