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

/** What a failed call says. */
public final class CallErrors {
  private static final String DOMAIN = "portrait";

  private CallErrors() {}

  /**
   * Whether a call that failed so may succeed later. False for what somebody has to correct first:
   * the token, the request, the accounts.
   */
  public static boolean isTransient(Throwable error) {
    switch (Status.fromThrowable(error).getCode()) {
      // A broken connection shows as any of these, depending on how it broke.
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
   * The error as a bulk result would carry it: reason, message, retry_after. The reason is
   * UNSPECIFIED when the service gave none (the call did not reach it) or one that this client does
   * not know.
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
      // Details that cannot be read say nothing.
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
