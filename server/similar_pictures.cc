#include "server/similar_pictures.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "core/base/status_macros.h"
#include "core/image/image_facts.h"
#include "server/call_gate.h"
#include "server/contact_history.h"
#include "server/rpc_status.h"
#include "server/unary_call.h"

namespace portrait {
namespace {

constexpr size_t kMaxUploadBytes = 3 << 20;

bool IsBefore(const SimilarContact& a, const SimilarContact& b) {
  return std::tie(a.distance, a.id.jid) < std::tie(b.distance, b.id.jid);
}

// A page token names the last contact of the page before.
std::string MakePageTokenOf(const SimilarContact& last) {
  return absl::WebSafeBase64Escape(
      absl::StrCat(last.distance, " ", last.id.jid));
}

absl::StatusOr<std::optional<SimilarContact>> ParseSimilarToken(
    absl::string_view token) {
  if (token.empty()) return std::nullopt;
  std::string text;
  SimilarContact last;
  std::pair<absl::string_view, absl::string_view> halves;
  if (absl::WebSafeBase64Unescape(token, &text)) {
    halves = absl::StrSplit(text, absl::MaxSplits(' ', 1));
  }
  if (!absl::SimpleAtoi(halves.first, &last.distance)) {
    return InvalidField("page_token",
                        "is not the next_page_token of a previous response");
  }
  last.id.jid = std::string(halves.second);
  return last;
}

absl::Status CheckSimilarRequest(
    const v1::FindSimilarPicturesRequest& request) {
  if (request.contact().empty() == request.image().empty()) {
    return InvalidField("contact", "expected either contact or image");
  }
  if (!request.image().empty() && !request.id().empty()) {
    return InvalidField("id", "needs a contact");
  }
  if (request.image().size() > kMaxUploadBytes) {
    return InvalidField("image",
                        absl::StrCat("has ", request.image().size(),
                                     " bytes, at most ", kMaxUploadBytes));
  }
  if (request.max_distance() > kMaxSimilarDistance) {
    return InvalidField("max_distance",
                        absl::StrCat("must be 0 to ", kMaxSimilarDistance));
  }
  if (request.page_size() < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  return absl::OkStatus();
}

// What to search for; nothing: the picture is not compared.
absl::StatusOr<std::optional<SimilarSearch>> SearchOf(
    const Backends& backends, const TenantView& view,
    const v1::FindSimilarPicturesRequest& request) {
  SimilarSearch search;
  search.max_distance = static_cast<int>(request.max_distance());
  if (!request.image().empty()) {
    const absl::StatusOr<ImageFacts> facts =
        backends.images->reader().Read(request.image());
    if (absl::IsUnavailable(facts.status())) return facts.status();
    if (!facts.ok()) return InvalidField("image", facts.status().message());
    search.phash = facts->phash;
    if (facts->look != ImageLook::kPicture) return std::nullopt;
    return search;
  }
  ASSIGN_OR_RETURN(
      const ShownPicture picture,
      FindShownPicture(backends.store, view, request.contact(), request.id()));
  ASSIGN_OR_RETURN(const std::optional<StoredImage> image,
                   backends.images->vault().index().Find(
                       {picture.key, picture.picture_id, false}));
  if (!image.has_value()) {
    return WithReason(
        absl::NotFoundError(
            "no image of this picture is stored; download it first"),
        v1::ERROR_REASON_NO_IMAGE);
  }
  search.phash = image->perceptual_hash();
  search.own_jid = picture.key;
  if (image->look() != 0) return std::nullopt;
  return search;
}

// Adds the contacts of `shown` after `last`, or the first ones.
absl::Status AddPage(ImageIndex& index,
                     const v1::FindSimilarPicturesRequest& request,
                     const std::optional<SimilarContact>& last,
                     const std::vector<SimilarContact>& shown,
                     v1::FindSimilarPicturesResponse* response) {
  const auto page_size = static_cast<size_t>(
      request.page_size() == 0 ? kDefaultPageSize
                               : std::min(request.page_size(), kMaxPageSize));
  auto next = last.has_value() ? std::upper_bound(shown.begin(), shown.end(),
                                                  *last, &IsBefore)
                               : shown.begin();
  for (size_t i = 0; i < page_size && next != shown.end(); ++i, ++next) {
    ASSIGN_OR_RETURN(const std::optional<StoredImage> image,
                     index.Find(next->id));
    if (!image.has_value()) continue;  // it went meanwhile
    v1::SimilarPicture& picture = *response->add_pictures();
    picture.set_jid(next->id.jid);
    picture.set_phone_number(next->phone_number);
    picture.set_distance(static_cast<uint32_t>(next->distance));
    *picture.mutable_image() = ToProto(*image);
  }
  if (next != shown.end()) {
    response->set_next_page_token(MakePageTokenOf(*std::prev(next)));
  }
  return absl::OkStatus();
}

absl::Status AnswerSimilar(const Backends& backends, const Principal& caller,
                           const v1::FindSimilarPicturesRequest& request,
                           v1::FindSimilarPicturesResponse* response) {
  ASSIGN_OR_RETURN(const std::optional<SimilarContact> last,
                   ParseSimilarToken(request.page_token()));
  const TenantView view = TenantView::Of(caller, backends.isolates_tenants);
  ASSIGN_OR_RETURN(const std::optional<SimilarSearch> search,
                   SearchOf(backends, view, request));
  response->set_is_not_compared(!search.has_value());
  if (!search.has_value()) return absl::OkStatus();
  response->set_perceptual_hash(search->phash);
  ImageIndex& index = backends.images->vault().index();
  ASSIGN_OR_RETURN(const SimilarContacts found,
                   FindSimilarContacts(index, backends.store, view, *search));
  response->set_contacts(static_cast<uint32_t>(found.count));
  response->set_is_minimum(found.is_minimum);
  return AddPage(index, request, last, found.shown, response);
}

absl::Status AdmitSearch(const Backends& backends, const Principal& caller,
                         const v1::FindSimilarPicturesRequest& request) {
  if (backends.images == nullptr) {
    return absl::UnimplementedError("this server keeps no images (--images)");
  }
  RETURN_IF_ERROR(CheckSimilarRequest(request));
  const auto account = backends.tenants.AccountOf(caller.tenant);
  if (!account->TakeTurn()) return ToStatus(account->RateError());
  return backends.images->searches().Add(caller.tenant);
}

}  // namespace

absl::StatusOr<SimilarContacts> FindSimilarContacts(
    ImageIndex& index, PictureStore& store, const TenantView& view,
    const SimilarSearch& search) {
  ASSIGN_OR_RETURN(const SimilarImages similar,
                   index.FindSimilar(search.phash, search.max_distance,
                                     kMaxSimilarPictures));
  std::vector<absl::string_view> jids;
  for (const SimilarImage& image : similar.images) {
    jids.push_back(image.id.jid);
  }
  SimilarContacts found;
  found.is_minimum = !similar.is_complete;
  absl::Status damaged;
  // A picture that is hidden, removed or replaced by now may still be in the
  // index: the record decides.
  RETURN_IF_ERROR(store.Peek(jids, [&](size_t i, const StoredView& stored) {
    damaged.Update(stored.status);
    const SimilarImage& image = similar.images[i];
    const RecordView* const record = stored.record;
    if (record == nullptr || stored.suppressed ||
        image.id.jid == search.own_jid || record->jid() != image.id.jid ||
        record->state() != v1::PICTURE_STATE_AVAILABLE ||
        record->id() != image.id.picture_id) {
      return;
    }
    const bool is_shown = view.ShownAfter(record).has_value();
    if (is_shown || !view.is_isolated) ++found.count;
    if (!is_shown) return;
    found.shown.push_back(
        {image.id, std::string(record->phone_number()), image.distance});
  }));
  RETURN_IF_ERROR(damaged);
  std::sort(found.shown.begin(), found.shown.end(), &IsBefore);
  return found;
}

void CountSharing(ImageIndex& index, PictureStore& store,
                  const TenantView& view, const StoredImage& image,
                  v1::ProfilePicture* picture) {
  if (image.look() != 0 || image.is_preview()) return;
  const absl::StatusOr<SimilarContacts> found = FindSimilarContacts(
      index, store, view,
      {image.perceptual_hash(), kSharedDistance, image.jid()});
  if (!found.ok()) return;
  picture->mutable_shared_by()->set_contacts(
      static_cast<uint32_t>(found->count));
  picture->mutable_shared_by()->set_is_minimum(found->is_minimum);
}

grpc::ServerUnaryReactor* StartFindSimilarPictures(
    const Backends& backends, grpc::CallbackServerContext* context,
    const v1::FindSimilarPicturesRequest* request,
    v1::FindSimilarPicturesResponse* response) {
  const UnaryCall call(context);
  const absl::StatusOr<Principal> caller = CallerOf(*context);
  absl::Status status = caller.status();
  if (status.ok()) status = AdmitSearch(backends, *caller, *request);
  if (!status.ok()) {
    call.Finish(status);
    return call.reactor();
  }
  const auto search = [&backends, call, who = *caller, request, response] {
    const absl::Status answered =
        AnswerSimilar(backends, who, *request, response);
    backends.images->searches().Remove(who.tenant);
    call.Finish(answered);
  };
  if (!backends.images->PostSearch(caller->tenant, search)) {
    backends.images->searches().Remove(caller->tenant);
    call.Finish(absl::ResourceExhaustedError("too many searches wait"));
  }
  return call.reactor();
}

}  // namespace portrait
