// usync: one query about many contacts, whose answer has several kinds of
// facts.
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
};

// A query about `contacts`, at least one: either all phone-number JIDs (by
// <contact>digits</contact>) or all LIDs (by jid), because the two kinds need
// different protocols. No device parts, no groups.
struct UsyncQuery {
  std::vector<UsyncContact> contacts;
  // Optional protocols; <contact> and <picture> are always part of the query.
  bool lid = true;
  bool business = true;
};
// `sid` must be unique. The iq has no id: the connection adds one.
Node MakeUsyncQuery(const UsyncQuery& query, absl::string_view sid);

// A fact of one usync protocol about one contact: reported, missing, or failed.
template <typename T>
struct UsyncFact {
  std::optional<T> value;
  std::optional<ProtocolError> error;
};

struct BusinessName {
  std::string name;  // may be empty: a business without a verified name
};
// Parses <business><verified_name>; returns nothing if it is not a business.
std::optional<BusinessName> ReadVerifiedName(const Node& verified_name);

struct UsyncUser {
  Jid asked;  // the contact in the query
  Jid pn;     // empty user: not reported
  Jid lid;    // empty user: not reported
  // If no fact of a contact is reported, the server left the contact out.
  UsyncFact<bool> registered;
  UsyncFact<BusinessName> business;  // a value: it is a business account
  // The picture id. Error 401 means hidden and 404 not set; if there is neither
  // an id nor an error, the picture is hidden or not set.
  UsyncFact<std::string> picture_id;
};

struct UsyncAnswer {
  // One for each queried contact, in their order.
  std::vector<UsyncUser> users;
  // Errors of protocols that failed as a whole (such as 429 with a backoff);
  // the users' facts of such a protocol have the same error.
  std::optional<ProtocolError> contact_error, lid_error, business_error,
      picture_error;
};

// Parses the <iq type="result">. Users are matched by pn_jid, contact text and
// jid, never by order.
//
// Errors: INVALID_ARGUMENT for a result with neither <usync><list> nor an error
// of a protocol; those of IqError().
absl::StatusOr<UsyncAnswer> ParseUsyncAnswer(const Node& iq,
                                             absl::Span<const Jid> asked);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_USYNC_H_
