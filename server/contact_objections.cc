#include "server/contact_objections.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/contact/contact.h"
#include "server/rpc_status.h"

namespace portrait {
namespace {

constexpr int kDefaultPage = 100;
constexpr int kMaxPage = 1000;
constexpr size_t kIdDigits = 64;

// `id` in hexadecimal; empty: it is not an id.
std::string ParseId(absl::string_view id) {
  const bool is_id = id.size() == kIdDigits &&
                     std::all_of(id.begin(), id.end(), absl::ascii_isxdigit);
  return is_id ? absl::HexStringToBytes(id) : "";
}

// The ids that an objection of the contact may have.
absl::StatusOr<std::vector<std::string>> IdsOf(
    const PictureStore& store, const v1::RemoveObjectionRequest& request) {
  if (request.contact().empty() == request.objection_id().empty()) {
    return InvalidField("contact",
                        "set either the contact or the objection_id");
  }
  std::vector<std::string> ids;
  if (request.contact().empty()) {
    ids.push_back(ParseId(request.objection_id()));
    if (ids[0].empty()) {
      return InvalidField("objection_id", "is not 64 hexadecimal digits");
    }
    return ids;
  }
  const absl::StatusOr<Contact> contact = ParseContact(request.contact());
  if (!contact.ok()) {
    return InvalidField("contact", contact.status().message(),
                        v1::ERROR_REASON_INVALID_CONTACT);
  }
  for (const std::string& key : contact->Keys()) {
    ids.push_back(store.ObjectionIdOf(key));
  }
  return ids;
}

}  // namespace

absl::Status ListObjections(PictureStore& store,
                            const v1::ListObjectionsRequest& request,
                            v1::ListObjectionsResponse* response) {
  if (request.page_size() < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  const size_t page = request.page_size() == 0
                          ? kDefaultPage
                          : std::min(request.page_size(), kMaxPage);
  const std::string after = ParseId(request.page_token());
  if (after.empty() && !request.page_token().empty()) {
    return InvalidField("page_token",
                        "is not the next_page_token of a previous response");
  }
  // One more than asked for tells whether there is another page.
  ASSIGN_OR_RETURN(const std::vector<StoredObjection> stored,
                   store.ListObjections(after, page + 1));
  for (size_t i = 0; i < std::min(stored.size(), page); ++i) {
    v1::Objection& objection = *response->add_objections();
    objection.set_objection_id(absl::BytesToHexString(stored[i].id));
    if (stored[i].made_at.has_value()) {
      *objection.mutable_create_time() = ToProto(*stored[i].made_at);
    }
  }
  if (stored.size() > page) {
    response->set_next_page_token(absl::BytesToHexString(stored[page - 1].id));
  }
  return absl::OkStatus();
}

absl::Status RemoveObjection(PictureStore& store,
                             const v1::RemoveObjectionRequest& request,
                             v1::RemoveObjectionResponse* response) {
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, IdsOf(store, request));
  uint64_t removed = 0;
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(const uint64_t entries, store.RemoveObjection(id));
    removed += entries;
  }
  if (removed == 0) return absl::NotFoundError("there is no such objection");
  response->set_objections_removed(static_cast<uint32_t>(removed));
  return absl::OkStatus();
}

}  // namespace portrait
