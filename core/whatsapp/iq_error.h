// Errors in WhatsApp's answers, of a whole request or of a part of it.
#ifndef PORTRAIT_CORE_WHATSAPP_IQ_ERROR_H_
#define PORTRAIT_CORE_WHATSAPP_IQ_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// The most bytes of a text of WhatsApp in an error message.
inline constexpr size_t kMaxErrorTextBytes = 100;

// An <error>, alone or inside an otherwise successful answer.
struct ProtocolError {
  int code = 0;
  std::string text;
  absl::Duration backoff;  // zero: the server gave none
};
ProtocolError ParseProtocolError(const Node& error);
// The status that IqError() returns for an iq with that error.
absl::Status StatusOf(const ProtocolError& error);

// The status of an <iq type="error">: RESOURCE_EXHAUSTED for 429 and 419,
// UNAVAILABLE for 5xx, PERMISSION_DENIED for 401 and 403, NOT_FOUND for 404,
// INVALID_ARGUMENT for other 4xx; OK for a result. The message has the code and
// the text. BackoffOf(status) is the wait that WhatsApp asked for.
absl::Status IqError(const Node& iq);

// Returns zero if `status` carries none.
absl::Duration BackoffOf(const absl::Status& status);
absl::Status WithBackoff(absl::Status status, absl::Duration backoff);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_IQ_ERROR_H_
