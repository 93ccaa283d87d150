// usync: many contacts in one question, many kinds of facts in the answer.
#ifndef PORTRAIT_CORE_WHATSAPP_USYNC_H_
#define PORTRAIT_CORE_WHATSAPP_USYNC_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/whatsapp/iq_error.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

struct UsyncContact {
  Jid jid;
  Jid known_lid = {};  // of a phone number, a hint; empty user: not known
};

// Asks about `contacts`: all phone-number JIDs (by <contact>+digits</contact>)
// or all LIDs (by jid); the two kinds ask for different protocols and go in
// separate queries. No device parts, no groups; at least one.
struct UsyncQuery {
  std::vector<UsyncContact> contacts;
  // Protocols that can be left out; <contact> and <picture> are always asked.
  bool lid = true;
  bool business = true;
};
// `sid` is unique. The iq has no id: the connection gives one.
Node MakeUsyncQuery(const UsyncQuery& query, absl::string_view sid);

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

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_USYNC_H_
