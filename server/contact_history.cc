#include "server/contact_history.h"

#include <algorithm>
#include <optional>
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
#include "core/store/ties.h"
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

// The part of a contact's history that a caller may see.
struct Shown {
  // The key of the record that lookups answer from: a LID whose phone number is
  // known is stored under the number, a number with two addresses under either.
  std::string key;
  std::optional<absl::Time> after;  // nothing: the caller sees no change
  std::string picture_id;           // that is visible now; empty: none
};

absl::StatusOr<Shown> FindShown(PictureStore& store, const TenantView& view,
                                const Contact& contact) {
  Shown shown;
  shown.key = contact.jid.ToString();
  absl::Status damaged;
  RETURN_IF_ERROR(ReadContacts(
      store, {&contact}, absl::Now(), [&](size_t, const StoredView& stored) {
        damaged = stored.status;
        shown.after = view.ShownAfter(stored.record);
        if (stored.record == nullptr) return;
        shown.key = std::string(stored.record->jid());
        if (stored.suppressed ||
            stored.record->state() != v1::PICTURE_STATE_AVAILABLE) {
          return;
        }
        shown.picture_id = std::string(stored.record->id());
      }));
  RETURN_IF_ERROR(damaged);
  return shown;
}

// The number of erased entries that the caller is told. Removing only a tie
// counts as 1. An isolated caller is told at most 1, because the number of
// other erased entries depends on other tenants.
uint64_t ErasedCount(const Untied& untied, bool is_isolated) {
  if (untied.erased > 0 && !is_isolated) return untied.erased;
  return untied.was_tied ? 1 : 0;
}

}  // namespace

absl::Status ListChanges(PictureStore& store, const TenantView& view,
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
  ASSIGN_OR_RETURN(const Shown of, FindShown(store, view, contact));
  if (!of.after.has_value()) return absl::OkStatus();
  // One more than asked for tells whether there is another page.
  ASSIGN_OR_RETURN(std::vector<Change> changes,
                   store.ReadHistory(of.key, before, page_size + 1));
  const auto is_hidden = [&of](const Change& change) {
    return change.observed_at <= *of.after;
  };
  changes.erase(std::remove_if(changes.begin(), changes.end(), is_hidden),
                changes.end());
  const size_t shown = std::min(changes.size(), page_size);
  for (size_t i = 0; i < shown; ++i) {
    *response->add_changes() = ToProto(changes[i]);
  }
  if (changes.size() > shown) {
    response->set_next_page_token(MakePageToken(changes[shown - 1].sequence));
  }
  return absl::OkStatus();
}

absl::StatusOr<ShownPicture> FindShownPicture(PictureStore& store,
                                              const TenantView& view,
                                              absl::string_view contact,
                                              absl::string_view picture_id) {
  const absl::Status none =
      WithReason(absl::NotFoundError("no image of this picture is stored"),
                 v1::ERROR_REASON_NO_IMAGE);
  ASSIGN_OR_RETURN(const Contact parsed, ParseField(contact));
  ASSIGN_OR_RETURN(const Shown of, FindShown(store, view, parsed));
  if (!of.after.has_value() || of.picture_id.empty()) return none;
  if (picture_id.empty() || of.picture_id == picture_id) {
    return ShownPicture{of.key, of.picture_id};
  }
  ASSIGN_OR_RETURN(const std::vector<Change> changes,
                   store.ReadHistory(of.key, 0, kMaxPageSize));
  for (const Change& change : changes) {
    if (change.observed_at <= *of.after) break;  // newest first
    if (change.old_id == picture_id || change.new_id == picture_id) {
      return ShownPicture{of.key, std::string(picture_id)};
    }
  }
  return none;
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

absl::StatusOr<bool> Forget(PictureStore& store, const TenantView& view,
                            const v1::ForgetContactRequest& request,
                            v1::ForgetContactResponse* response) {
  ASSIGN_OR_RETURN(const Contact contact, ParseField(request.contact()));
  const std::vector<std::string> keys = contact.Keys();
  ASSIGN_OR_RETURN(std::vector<StoredContact> stored, store.Get(keys));
  const bool is_for_all = request.suppress() || view.erases_all;
  bool is_gone = is_for_all;
  uint64_t erased = 0;
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string& key =
        stored[i].record.has_value() ? stored[i].record->jid() : keys[i];
    Untied untied;
    if (is_for_all) {
      untied.was_tied = stored[i].record.has_value() &&
                        FindTie(view.tenant, *stored[i].record) != nullptr;
      ASSIGN_OR_RETURN(untied.erased, store.Forget(key, request.suppress()));
    } else {
      ASSIGN_OR_RETURN(untied,
                       store.Untie(key, view.tenant, view.erases_untied));
    }
    is_gone |= untied.erased > 0;
    erased += ErasedCount(untied, view.is_isolated);
  }
  response->set_records_erased(erased);
  return is_gone;
}

}  // namespace portrait
