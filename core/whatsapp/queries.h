// The questions a lookup asks, as stanzas, and their answers, as facts. Pure
// functions: what to send and when is core/session's business.
//
// usync asks about many contacts at once: registered? LID? business name?
// picture id? The picture query asks for one contact's picture URL.
#ifndef PORTRAIT_CORE_WHATSAPP_QUERIES_H_
#define PORTRAIT_CORE_WHATSAPP_QUERIES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// ---- usync -----------------------------------------------------------------

// Asks about `contacts`: all phone-number JIDs (by <contact>+digits</contact>)
// or all LIDs (by jid); the two kinds ask for different protocols and go in
// separate queries. No device parts, no groups; at least one. `sid` is unique.
// The iq has no id: the connection gives one.
Node MakeUsyncQuery(absl::Span<const Jid> contacts, absl::string_view sid);

// An error inside an answer that is otherwise fine.
struct ProtocolError {
  int code = 0;
  std::string text;
  absl::Duration backoff;  // zero: none told
};
ProtocolError ParseProtocolError(const Node& error);
// As IqError() has it for an iq with that error.
absl::Status StatusOf(const ProtocolError& error);

// A fact of one usync protocol about one contact: told, not told, or failed.
template <typename T>
struct UsyncFact {
  std::optional<T> value;
  std::optional<ProtocolError> error;
};

struct BusinessName {
  std::string name;  // may be empty: a business without a verified name
};
// What <business><verified_name> tells; nothing: no business.
std::optional<BusinessName> ReadVerifiedName(const Node& verified_name);

struct UsyncUser {
  Jid asked;  // the contact of the question this answers
  Jid pn;     // empty user: not told
  Jid lid;    // empty user: not told
  // Nothing told at all for a contact means the server left it out.
  UsyncFact<bool> registered;
  UsyncFact<BusinessName> business;  // value: it is a business account
  // The picture id; an error of 401 is hidden, 404 none set; neither: no
  // visible picture (hidden or none, not told which).
  UsyncFact<std::string> picture_id;
};

struct UsyncAnswer {
  // In the order asked, one for each contact asked.
  std::vector<UsyncUser> users;
  // A protocol that failed as a whole (429 with backoff, say); the users' facts
  // of that protocol then carry the same error.
  std::optional<ProtocolError> contact_error, lid_error, business_error,
      picture_error;
};

// Reads the <iq type="result">. Users are matched by pn_jid, contact text and
// jid, never by order.
//
// Errors: INVALID_ARGUMENT for a result that has neither <usync><list> nor an
// error of a protocol; those of IqError().
absl::StatusOr<UsyncAnswer> ParseUsyncAnswer(const Node& iq,
                                             absl::Span<const Jid> asked);

// ---- pictures --------------------------------------------------------------

enum class PictureType { kPreview, kImage };

struct PictureQuery {
  Jid target;  // no device
  PictureType type = PictureType::kImage;
  std::string existing_id;    // empty: none
  std::string privacy_token;  // empty: none; never for oneself, groups or bots
};

Node MakePictureQuery(const PictureQuery& query);

struct PictureAnswer {
  enum class Outcome {
    kFound,
    kUnchanged,  // existing_id is still current
    kNotSet,     // 404
    kHidden,     // 401
  };
  Outcome outcome = Outcome::kFound;
  // When found:
  std::string id, url, direct_path, type;
  std::string hash;  // raw bytes; empty when not told
};

// Reads the <iq> of type result or error in each of the forms WhatsApp uses.
// A result that tells nothing is kUnchanged when the question had an
// existing_id, else kNotSet.
//
// Errors: those of IqError() for every code but 401 and 404; INVALID_ARGUMENT
// for "unchanged" without existing_id and for a URL without id.
absl::StatusOr<PictureAnswer> ParsePictureAnswer(const Node& iq,
                                                 const PictureQuery& query);

// When the URL's own `oe` parameter (hexadecimal Unix seconds) says it expires;
// nothing when it has none that reads so.
std::optional<absl::Time> UrlExpireTime(absl::string_view url);

// ---- iq errors -------------------------------------------------------------

// The status of an <iq type="error">: RESOURCE_EXHAUSTED for 429 and 419,
// UNAVAILABLE for 5xx, PERMISSION_DENIED for 401 and 403, NOT_FOUND for 404,
// INVALID_ARGUMENT for other 4xx; OK for a result. The message has code, text.
// BackoffOf(status) is the wait WhatsApp asked for.
absl::Status IqError(const Node& iq);

// Zero when `status` carries none.
absl::Duration BackoffOf(const absl::Status& status);
absl::Status WithBackoff(absl::Status status, absl::Duration backoff);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_QUERIES_H_
