#include "server/contact_history.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status_macros.h"
#include "core/contact/contact.h"
#include "core/store/change_codec.h"
#include "core/store/contact_reads.h"
#include "server/rpc_status.h"

namespace portrait {
namespace {

// A page token is the sequence below which the next page starts, so that new
// changes do not shift pages.
constexpr char kPageTokenPrefix[] = "p1-";

std::string MakePageToken(uint64_t before) {
  return absl::StrCat(kPageTokenPrefix, absl::Hex(before));
}

absl::StatusOr<uint64_t> ParsePageToken(absl::string_view token) {
  if (token.empty()) return 0;  // start at the newest
  uint64_t before = 0;
  if (!absl::ConsumePrefix(&token, kPageTokenPrefix) ||
      !absl::SimpleHexAtoi(token, &before) || before == 0) {
    return InvalidField("page_token",
                        "is not the next_page_token of a previous response");
  }
  return before;
}

absl::StatusOr<Contact> ParseField(absl::string_view contact) {
  absl::StatusOr<Contact> parsed = ParseContact(contact);
  if (!parsed.ok()) {
    return InvalidField("contact", parsed.status().message(),
                        v1::ERROR_REASON_INVALID_CONTACT);
  }
  return parsed;
}

// The key of the record from which lookups are answered: a LID with a known
// phone number is stored under the number, and a number with two addresses
// under either of them.
absl::StatusOr<std::string> FindKey(PictureStore& store,
                                    const Contact& contact) {
  std::string key = contact.jid.ToString();
  absl::Status damaged;
  RETURN_IF_ERROR(ReadContacts(store, {&contact}, absl::Now(),
                               [&](size_t, const StoredView& stored) {
                                 damaged = stored.status;
                                 if (stored.record == nullptr) return;
                                 key = std::string(stored.record->jid());
                               }));
  RETURN_IF_ERROR(damaged);
  return key;
}

}  // namespace

absl::Status ListChanges(PictureStore& store,
                         const v1::ListProfilePictureChangesRequest& request,
                         v1::ListProfilePictureChangesResponse* response) {
  if (request.page_size() < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  const size_t page_size = request.page_size() == 0
                               ? kDefaultPageSize
                               : std::min(request.page_size(), kMaxPageSize);
  ASSIGN_OR_RETURN(const uint64_t before, ParsePageToken(request.page_token()));
  ASSIGN_OR_RETURN(const Contact contact, ParseField(request.contact()));
  ASSIGN_OR_RETURN(const std::string key, FindKey(store, contact));
  // Reads one more than requested, to know whether there is another page.
  ASSIGN_OR_RETURN(const std::vector<Change> changes,
                   store.ReadHistory(key, before, page_size + 1));
  const size_t shown = std::min(changes.size(), page_size);
  for (size_t i = 0; i < shown; ++i) {
    *response->add_changes() = ToProto(changes[i]);
  }
  if (changes.size() > shown) {
    response->set_next_page_token(MakePageToken(changes[shown - 1].sequence));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<whatsapp::Jid>> FindAddresses(
    PictureStore& store, absl::string_view contact) {
  ASSIGN_OR_RETURN(const Contact parsed, ParseField(contact));
  std::vector<std::string> texts = parsed.Keys();
  ASSIGN_OR_RETURN(const std::vector<StoredContact> stored, store.Get(texts));
  for (const StoredContact& known : stored) {
    if (!known.record.has_value()) continue;
    texts.push_back(known.record->jid());
    texts.push_back(known.record->lid());
  }
  std::vector<whatsapp::Jid> addresses;
  for (const std::string& text : texts) {
    absl::StatusOr<whatsapp::Jid> jid = whatsapp::ParseJid(text);
    if (jid.ok()) addresses.push_back(*std::move(jid));
  }
  return addresses;
}

absl::Status Forget(PictureStore& store,
                    const v1::ForgetContactRequest& request,
                    v1::ForgetContactResponse* response) {
  ASSIGN_OR_RETURN(const Contact contact, ParseField(request.contact()));
  const std::vector<std::string> keys = contact.Keys();
  ASSIGN_OR_RETURN(const std::vector<StoredContact> stored, store.Get(keys));
  uint64_t erased = 0;
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string& key =
        stored[i].record.has_value() ? stored[i].record->jid() : keys[i];
    ASSIGN_OR_RETURN(const uint64_t of_key,
                     store.Forget(key, request.suppress()));
    erased += of_key;
  }
  response->set_records_erased(erased);
  return absl::OkStatus();
}

}  // namespace portrait
