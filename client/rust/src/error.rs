use std::fmt;
use std::time::Duration;

use prost::Message;
use tonic::{Code, Status};

use crate::v1::{ErrorReason, LookupError};

const DOMAIN: &str = "portrait";

/// A call or a lookup that failed.
#[derive(Clone, Debug)]
pub struct Error {
    status: Status,
    reason: ErrorReason,
    retry_after: Option<Duration>,
}

impl Error {
    /// The gRPC status code.
    pub fn code(&self) -> Code {
        self.status.code()
    }

    /// An explanation for people, in English.
    pub fn message(&self) -> &str {
        self.status.message()
    }

    /// `Unspecified` if the service sent no reason, for example because the call did
    /// not reach it, or a reason that this client does not know.
    pub fn reason(&self) -> ErrorReason {
        self.reason
    }

    /// How long to wait before a retry, if the server said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The gRPC status with all its details.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Whether the same call may succeed when it is retried. False if the token, the
    /// request or the linked accounts must be corrected first.
    pub fn is_transient(&self) -> bool {
        // A broken connection may be reported with any of these codes.
        matches!(
            self.code(),
            Code::Unavailable
                | Code::Internal
                | Code::Unknown
                | Code::Cancelled
                | Code::Aborted
                | Code::DeadlineExceeded
                | Code::ResourceExhausted
        )
    }

    /// The error of a failed result, which has no gRPC status of its own.
    pub(crate) fn of_result(error: &LookupError) -> Self {
        let reason = ErrorReason::try_from(error.reason).unwrap_or(ErrorReason::Unspecified);
        Self {
            status: Status::new(code_of(reason), error.message.clone()),
            reason,
            retry_after: error.retry_after.and_then(|delay| delay.try_into().ok()),
        }
    }

    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Status::unavailable(message).into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.code(), self.message())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.status)
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        let mut error = Self {
            status,
            reason: ErrorReason::Unspecified,
            retry_after: None,
        };
        let details = RpcStatus::decode(error.status.details()).unwrap_or_default();
        for detail in details.details {
            match detail.type_url.rsplit('/').next() {
                Some("google.rpc.ErrorInfo") => {
                    let info = ErrorInfo::decode(&*detail.value).unwrap_or_default();
                    if info.domain == DOMAIN {
                        error.reason = ErrorReason::from_str_name(&info.reason)
                            .unwrap_or(ErrorReason::Unspecified);
                    }
                }
                Some("google.rpc.RetryInfo") => {
                    let info = RetryInfo::decode(&*detail.value).unwrap_or_default();
                    error.retry_after = info.retry_delay.and_then(|delay| delay.try_into().ok());
                }
                _ => {}
            }
        }
        error
    }
}

fn code_of(reason: ErrorReason) -> Code {
    match reason {
        ErrorReason::InvalidContact | ErrorReason::OwnNumber => Code::InvalidArgument,
        ErrorReason::Suppressed | ErrorReason::PermissionDenied => Code::PermissionDenied,
        ErrorReason::QuotaExceeded | ErrorReason::RateLimited | ErrorReason::Enumeration => {
            Code::ResourceExhausted
        }
        ErrorReason::UpstreamTimeout => Code::DeadlineExceeded,
        ErrorReason::NoSession
        | ErrorReason::UpstreamError
        | ErrorReason::ShuttingDown
        | ErrorReason::Storage => Code::Unavailable,
        ErrorReason::NoImage => Code::NotFound,
        ErrorReason::Internal => Code::Internal,
        ErrorReason::Unauthenticated => Code::Unauthenticated,
        ErrorReason::Unspecified => Code::Unknown,
    }
}

// The messages of google.rpc that a status carries, as far as this client reads them.

#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

#[derive(Clone, PartialEq, Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
    #[prost(string, tag = "2")]
    domain: String,
}

#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<prost_types::Duration>,
}
