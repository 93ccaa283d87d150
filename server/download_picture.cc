#include "server/download_picture.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/image/image_facts.h"
#include "server/accounted_lookup.h"
#include "server/contact_history.h"
#include "server/enrich_counter.h"
#include "server/lookup_options.h"
#include "server/rpc_status.h"
#include "server/served_stream.h"
#include "server/tenant_view.h"

namespace portrait {
namespace {

constexpr size_t kChunkBytes = 64 << 10;
constexpr absl::Duration kImageRetryAfter = absl::Seconds(30);

absl::Status NoImage(absl::string_view why) {
  return WithReason(absl::NotFoundError(why), v1::ERROR_REASON_NO_IMAGE);
}

// Why there is no image, if a lookup found none.
absl::Status NoPicture(const v1::ProfilePicture& picture) {
  if (picture.registration() == v1::REGISTRATION_NOT_REGISTERED) {
    return NoImage("the contact is not on WhatsApp");
  }
  if (picture.state() == v1::PICTURE_STATE_HIDDEN) {
    return NoImage("the contact hides its picture");
  }
  return NoImage("the contact has no picture");
}

// The status of a call whose image could not be fetched.
absl::Status StatusOfKeeping(const absl::Status& status) {
  v1::LookupError error;
  error.set_message(std::string(status.message()));
  error.set_reason(v1::ERROR_REASON_UPSTREAM_ERROR);
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return NoImage(status.message());
    case absl::StatusCode::kDeadlineExceeded:
      error.set_reason(v1::ERROR_REASON_UPSTREAM_TIMEOUT);
      return ToStatus(error);
    case absl::StatusCode::kResourceExhausted:
      error.set_reason(v1::ERROR_REASON_RATE_LIMITED);
      *error.mutable_retry_after() = ToProto(kImageRetryAfter);
      return ToStatus(error);
    case absl::StatusCode::kUnavailable:
      *error.mutable_retry_after() = ToProto(kImageRetryAfter);
      return ToStatus(error);
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return ToStatus(error);
    case absl::StatusCode::kCancelled:
      return ShuttingDownStatus();
    default:
      return status;
  }
}

// One call.
//
//   1. The current picture: a lookup, which is accounted for as any other, and
//      then the keeper, which has the image or fetches it. An older picture:
//      the store says whether the caller may see it.
//   2. A thread of the images reads the bytes, and makes the thumbnail.
//   3. The metadata and the chunks are sent, one at a time.
//
// Thread-safe.
class DownloadPicture final
    : public ServedStream<DownloadPicture, DownloadReactor>,
      public ResultSink {
 public:
  DownloadPicture(const Backends& backends,
                  std::shared_ptr<OpenStreams> streams,
                  grpc::CallbackServerContext* context, Principal caller,
                  const v1::DownloadProfilePictureRequest& request)
      : ServedStream(backends, std::move(streams), context, std::move(caller)),
        images_(*backends_.images),
        request_(request),
        lookup_(backends_, caller_, *this) {}

  void Start();
  void OnResults(LookupResults results) override;
  void OnDone() override {
    if (is_counted_) images_.downloads().Remove(caller_.tenant);
    ServedStream::OnDone();
  }

 private:
  bool is_preview() const {
    return request_.size() == v1::PICTURE_SIZE_PREVIEW;
  }
  absl::Status Check() const;
  absl::Status LookUp();
  absl::Status FindStored();
  void Keep();
  void OnKept(absl::StatusOr<KeptImage> kept);
  void Load(const StoredImage& image, std::shared_ptr<const std::string> bytes);
  absl::Status Prepare(const StoredImage& image,
                       std::shared_ptr<const std::string> bytes);
  OperationPump::Operation NextLocked()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) override;

  Images& images_;
  const v1::DownloadProfilePictureRequest request_;
  AccountedLookup lookup_;
  bool is_counted_ = false;  // as a download; set by Start
  WantedImage wanted_;       // set before the first Keep
  bool is_second_try_ = false;

  // Used by the write under way.
  v1::DownloadProfilePictureResponse response_;

  v1::ImageMetadata metadata_ ABSL_GUARDED_BY(mu_);
  // Null until there is something to send.
  std::shared_ptr<const std::string> bytes_ ABSL_GUARDED_BY(mu_);
  bool head_sent_ ABSL_GUARDED_BY(mu_) = false;
  size_t sent_ ABSL_GUARDED_BY(mu_) = 0;
};

void DownloadPicture::Start() {
  absl::Status status = Open();
  if (status.ok()) status = Check();
  if (status.ok()) {
    status = images_.downloads().Add(caller_.tenant);
    is_counted_ = status.ok();
  }
  if (status.ok() && !request_.id().empty()) {
    images_.Post(caller_.tenant, [self = shared_from_this()] {
      const absl::Status found = self->FindStored();
      if (!found.ok()) self->Fail(found);
    });
    return;
  }
  if (status.ok()) status = LookUp();
  if (!status.ok()) Fail(std::move(status));
}

absl::Status DownloadPicture::Check() const {
  if (request_.size() != v1::PICTURE_SIZE_UNSPECIFIED &&
      request_.size() != v1::PICTURE_SIZE_FULL && !is_preview()) {
    return InvalidField("size",
                        "must be PICTURE_SIZE_FULL or PICTURE_SIZE_PREVIEW");
  }
  const uint32_t side = request_.thumbnail_pixels();
  if (side != 0 && side != kSmallThumbnail && side != kLargeThumbnail) {
    return InvalidField(
        "thumbnail_pixels",
        absl::StrCat("must be 0, ", kSmallThumbnail, " or ", kLargeThumbnail));
  }
  return absl::OkStatus();
}

absl::Status DownloadPicture::LookUp() {
  v1::LookupOptions options;
  options.set_size(is_preview() ? v1::PICTURE_SIZE_PREVIEW
                                : v1::PICTURE_SIZE_FULL);
  // The image is fetched below, once.
  options.set_images(v1::IMAGE_WISH_NONE);
  v1::EnrichItem item;
  item.set_contact(request_.contact());
  return lookup_.AskUrgent(options, MakeLookupItem(item),
                           absl::FromChrono(context_->deadline()),
                           shared_from_this());
}

void DownloadPicture::OnResults(LookupResults results) {
  if (results.empty()) return;
  const ResultFacts& facts = results.facts().front();
  lookup_.Settle(/*granted=*/1, UsageOf(facts));
  if (facts.failed()) return Fail(ToStatus(results.Decode(0).error()));
  v1::ProfilePicture picture;
  const absl::string_view encoded = results.EncodedPicture(0);
  picture.ParseFromArray(encoded.data(), static_cast<int>(encoded.size()));
  if (picture.state() != v1::PICTURE_STATE_AVAILABLE) {
    return Fail(NoPicture(picture));
  }
  wanted_.id = {picture.jid(), picture.id(), is_preview()};
  wanted_.url = is_preview() ? picture.preview_url() : picture.url();
  wanted_.hash = picture.hash();
  wanted_.session = picture.session();
  wanted_.tenant = caller_.tenant;
  wanted_.urgent = true;
  Keep();
}

void DownloadPicture::Keep() {
  images_.keeper().Keep(
      wanted_, [weak = weak_from_this()](absl::StatusOr<KeptImage> kept) {
        if (auto self = weak.lock()) self->OnKept(std::move(kept));
      });
}

void DownloadPicture::OnKept(absl::StatusOr<KeptImage> kept) {
  if (!kept.ok()) return Fail(StatusOfKeeping(kept.status()));
  images_.Post(caller_.tenant,
               [self = shared_from_this(), kept = *std::move(kept)] {
                 self->Load(kept.image, kept.bytes);
               });
}

absl::Status DownloadPicture::FindStored() {
  const auto account = backends_.tenants.AccountOf(caller_.tenant);
  if (!account->TakeTurn()) return ToStatus(account->RateError());
  ASSIGN_OR_RETURN(
      const ShownPicture picture,
      FindShownPicture(backends_.store,
                       TenantView::Of(caller_, backends_.isolates_tenants),
                       request_.contact(), request_.id()));
  ASSIGN_OR_RETURN(const std::optional<StoredImage> image,
                   images_.vault().index().Find(
                       {picture.key, picture.picture_id, is_preview()}));
  if (!image.has_value()) return NoImage("no image of this picture is stored");
  is_second_try_ = true;  // only the current picture can be fetched anew
  Load(*image, nullptr);
  return absl::OkStatus();
}

void DownloadPicture::Load(const StoredImage& image,
                           std::shared_ptr<const std::string> bytes) {
  const absl::Status status = Prepare(image, std::move(bytes));
  if (status.ok()) return Pump();
  const bool is_gone = absl::IsNotFound(status) || absl::IsDataLoss(status);
  if (is_gone && !std::exchange(is_second_try_, true)) return Keep();
  Fail(is_gone ? NoImage("the stored image is gone") : status);
}

absl::Status DownloadPicture::Prepare(
    const StoredImage& image, std::shared_ptr<const std::string> bytes) {
  if (bytes == nullptr) {
    ASSIGN_OR_RETURN(std::string read, images_.vault().Read(image));
    bytes = std::make_shared<const std::string>(std::move(read));
  }
  v1::ImageMetadata metadata = ToProto(image);
  if (request_.thumbnail_pixels() != 0) {
    ASSIGN_OR_RETURN(
        std::string small,
        images_.reader().Thumbnail(*bytes, request_.thumbnail_pixels()));
    ASSIGN_OR_RETURN(const ImageFacts facts, images_.reader().Read(small));
    const absl::string_view type = ImageContentType(facts.format);
    metadata.set_content_type(std::string(type));
    metadata.set_size_bytes(static_cast<int64_t>(small.size()));
    metadata.set_width(facts.width);
    metadata.set_height(facts.height);
    metadata.set_sha256(facts.sha256);
    bytes = std::make_shared<const std::string>(std::move(small));
  }
  images_.metrics().OnServed(bytes->size());
  absl::MutexLock lock(&mu_);
  metadata_ = std::move(metadata);
  bytes_ = std::move(bytes);
  return absl::OkStatus();
}

OperationPump::Operation DownloadPicture::NextLocked() {
  if (writing_ || bytes_ == nullptr) return nullptr;
  if (head_sent_ && sent_ == bytes_->size()) {
    finished_ = true;
    return [this] { Finish(grpc::Status::OK); };
  }
  response_.Clear();
  if (!std::exchange(head_sent_, true)) {
    *response_.mutable_metadata() = metadata_;
  } else {
    const size_t size = std::min(kChunkBytes, bytes_->size() - sent_);
    response_.set_chunk(bytes_->substr(sent_, size));
    sent_ += size;
  }
  writing_ = true;
  return [this] { StartWrite(&response_); };
}

}  // namespace

DownloadReactor* StartDownloadPicture(
    const Backends& backends, std::shared_ptr<OpenStreams> streams,
    grpc::CallbackServerContext* context, Principal caller,
    const v1::DownloadProfilePictureRequest& request) {
  auto stream = std::make_shared<DownloadPicture>(
      backends, std::move(streams), context, std::move(caller), request);
  stream->Start();
  // gRPC calls OnDone only after this function has returned the reactor.
  return stream.get();
}

}  // namespace portrait
