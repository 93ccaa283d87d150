#include "server/images.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "server/image_urls.h"

namespace portrait {
namespace {

constexpr size_t kImageThreads = 4;
constexpr size_t kSearchThreads = 2;

absl::Status ReadFactsOf(ImageReader& reader, absl::string_view bytes,
                         StoredImage* image) {
  ASSIGN_OR_RETURN(const ImageFacts facts, reader.Read(bytes));
  const absl::string_view type = ImageContentType(facts.format);
  image->set_sha256(facts.sha256);
  image->set_content_type(std::string(type));
  image->set_width(facts.width);
  image->set_height(facts.height);
  image->set_perceptual_hash(facts.phash);
  image->set_difference_hash(facts.dhash);
  image->set_look(facts.look == ImageLook::kSilhouette ? 1
                  : facts.look == ImageLook::kBlank    ? 2
                                                       : 0);
  return absl::OkStatus();
}

// A caller without the right to it does not send the account's name; the
// record has it.
Secret ProxyFor(PictureStore& store, const SessionPool& sessions,
                const WantedImage& wanted) {
  std::string session = wanted.session;
  if (session.empty()) {
    (void)store.Peek({wanted.id.jid}, [&](size_t, const StoredView& stored) {
      if (stored.record != nullptr) {
        session = std::string(stored.record->session());
      }
    });
  }
  return sessions.ProxyOf(session);
}

}  // namespace

absl::StatusOr<std::unique_ptr<BlobStore>> OpenBlobs(
    const ImageOptions& options) {
  if (!absl::StartsWith(options.place, "s3://")) {
    FolderBlobOptions folder;
    folder.folder = options.place;
    return OpenFolderBlobs(folder);
  }
  S3Options s3 = options.s3;
  RETURN_IF_ERROR(ParseS3Place(options.place, &s3));
  if (options.s3_credentials_file.empty()) {
    ASSIGN_OR_RETURN(const S3Credentials of_environment,
                     S3CredentialsOfEnvironment());
    s3.credentials = [of_environment] { return of_environment; };
  } else {
    s3.credentials = [file = options.s3_credentials_file] {
      return ReadS3Credentials(file);
    };
  }
  return OpenS3Blobs(std::move(s3));
}

v1::ImageMetadata ToProto(const StoredImage& image) {
  v1::ImageMetadata metadata;
  metadata.set_id(image.picture_id());
  metadata.set_content_type(image.content_type());
  metadata.set_size_bytes(image.size_bytes());
  metadata.set_width(image.width());
  metadata.set_height(image.height());
  metadata.set_sha256(image.sha256());
  metadata.set_perceptual_hash(image.perceptual_hash());
  *metadata.mutable_fetch_time() =
      ToProto(absl::FromUnixMicros(image.fetch_micros()));
  return metadata;
}

Images::Images(const ImageOptions& options, std::unique_ptr<ImageVault> vault,
               Metrics& metrics)
    : fetches_all_(options.fetches_all),
      metrics_(*metrics.registry()),
      reader_(options.reader),
      vault_(std::move(vault)),
      threads_(kImageThreads),
      search_threads_(kSearchThreads) {}

Images::~Images() {
  subscription_ = nullptr;
  janitor_ = nullptr;
  keeper_ = nullptr;
}

absl::StatusOr<std::unique_ptr<Images>> Images::Open(
    const ImageOptions& options, PictureStore& store,
    OrderedKeyValueStore& index, SessionPool& sessions, LookupEngine& engine,
    ChangeFeed& changes, Metrics& metrics) {
  ImageKey key;
  if (!options.key_file.empty()) {
    ASSIGN_OR_RETURN(key, ImageKey::ReadOrMake(options.key_file));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<BlobStore> blobs, OpenBlobs(options));
  ASSIGN_OR_RETURN(auto vault,
                   ImageVault::Open(index, std::move(blobs), std::move(key)));
  auto images =
      absl::WrapUnique(new Images(options, std::move(vault), metrics));
  images->vault_->AddListener(&images->metrics_);
  ImageKeeperOptions keeping;
  keeping.fetcher = options.fetcher;
  keeping.read_facts = [&reader = images->reader_](absl::string_view bytes,
                                                   StoredImage* image) {
    return ReadFactsOf(reader, bytes, image);
  };
  keeping.proxy_of = [&store, &sessions](const WantedImage& wanted) {
    return ProxyFor(store, sessions, wanted);
  };
  keeping.ask_url = MakeUrlAsker(store, engine);
  keeping.observer = &images->metrics_;
  images->keeper_ =
      std::make_unique<ImageKeeper>(store, *images->vault_, std::move(keeping));
  ImageJanitorOptions tidying;
  tidying.keep_replaced = options.keep_replaced;
  tidying.on_round = [raw = images.get()](const ImageRound& round) {
    raw->metrics_.OnRound(round);
  };
  images->janitor_ = std::make_unique<ImageJanitor>(store, *images->vault_,
                                                    std::move(tidying));
  images->subscription_ =
      changes.Subscribe([&janitor = *images->janitor_] { janitor.Wake(); });
  LogInfo("images are kept in {}", options.place);
  return images;
}

void Images::Post(const std::string& tenant, std::function<void()> work) {
  posted_.Add();
  threads_.Post(tenant, [this, work = std::move(work)]() mutable {
    work();
    work = nullptr;  // what it holds goes first
    posted_.Remove();
  });
}

bool Images::PostSearch(const std::string& tenant,
                        std::function<void()> search) {
  if (++waiting_searches_ > kMaxWaitingSearches) {
    --waiting_searches_;
    return false;
  }
  posted_.Add();
  search_threads_.Post(tenant, [this, search = std::move(search)]() mutable {
    --waiting_searches_;
    search();
    search = nullptr;  // what it holds goes first
    posted_.Remove();
  });
  return true;
}

void Images::WaitForPosted() {
  posted_.WaitUntilZero(absl::InfiniteDuration());
}

absl::Status Images::Forget(const std::vector<whatsapp::Jid>& contacts) {
  for (const whatsapp::Jid& jid : contacts) {
    RETURN_IF_ERROR(vault_->RemoveAllOf(jid.ToString()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<StoredImage>> Images::FindEither(
    const std::string& jid, const std::string& picture_id) {
  ASSIGN_OR_RETURN(std::optional<StoredImage> image,
                   vault_->index().Find({jid, picture_id, false}));
  if (image.has_value()) return image;
  return vault_->index().Find({jid, picture_id, /*is_preview=*/true});
}

absl::Status Images::AddTo(v1::ProfilePictureChange* change) {
  if (!change->old_id().empty()) {
    ASSIGN_OR_RETURN(const auto image,
                     FindEither(change->jid(), change->old_id()));
    if (image.has_value()) *change->mutable_old_image() = ToProto(*image);
  }
  if (change->new_id().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto image,
                   FindEither(change->jid(), change->new_id()));
  if (image.has_value()) *change->mutable_new_image() = ToProto(*image);
  return absl::OkStatus();
}

}  // namespace portrait
