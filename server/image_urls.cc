#include "server/image_urls.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/lookup/lookup_results.h"

namespace portrait {
namespace {

using DoneWithUrl = std::function<void(absl::StatusOr<std::string>)>;

// The time within which WhatsApp must answer.
constexpr absl::Duration kUrlWait = absl::Minutes(1);

// Receives the result, and holds itself until then: the engine has a weak
// pointer to it.
class UrlSink final : public ResultSink {
 public:
  static void Ask(LookupEngine& engine,
                  std::shared_ptr<const LookupRequest> request,
                  const ImageId& id, DoneWithUrl done) {
    auto sink = std::make_shared<UrlSink>(id, std::move(done));
    sink->self_ = sink;
    std::vector<LookupItem> items(1);
    items[0].contact = id.jid;
    engine.Lookup(std::move(request), std::move(items), sink);
  }

  UrlSink(ImageId id, DoneWithUrl done)
      : id_(std::move(id)), done_(std::move(done)) {}

  void OnResults(LookupResults results) override {
    const std::shared_ptr<UrlSink> self = std::move(self_);
    if (self == nullptr || results.empty()) return;
    done_(UrlIn(results));
  }

 private:
  absl::StatusOr<std::string> UrlIn(const LookupResults& results) const {
    v1::ProfilePicture picture;
    if (results.facts().front().failed()) {
      return absl::UnavailableError("new URL: WhatsApp could not be asked");
    }
    const absl::string_view bytes = results.EncodedPicture(0);
    picture.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    const std::string& url =
        id_.is_preview ? picture.preview_url() : picture.url();
    if (picture.id() != id_.picture_id || url.empty()) {
      return absl::NotFoundError("new URL: the picture is not shown any more");
    }
    return url;
  }

  const ImageId id_;
  const DoneWithUrl done_;
  std::shared_ptr<UrlSink> self_;
};

// Neither the state nor its age changes.
absl::Status ExpireUrl(PictureStore& store, const ImageId& id) {
  ASSIGN_OR_RETURN(const std::vector<StoredContact> stored,
                   store.Get({id.jid}));
  const auto& record = stored.front().record;
  if (!record.has_value() || record->id() != id.picture_id ||
      record->state() != v1::PICTURE_STATE_AVAILABLE) {
    return absl::NotFoundError("new URL: the picture is not shown any more");
  }
  Observation expired;
  expired.jid = record->jid();
  expired.session = record->session();
  expired.state = v1::PICTURE_STATE_AVAILABLE;
  expired.state_is_told = false;
  expired.picture_id = record->id();
  expired.unasked = true;
  expired.observed_at = FromProto(record->check_time());
  const absl::Time past = absl::UnixEpoch();
  if (id.is_preview) {
    expired.preview_url = PictureUrl{record->preview_url(), past};
  } else {
    expired.full_url = PictureUrl{record->url(), past};
  }
  return store.Apply({expired}).status();
}

}  // namespace

UrlAsker MakeUrlAsker(PictureStore& store, LookupEngine& engine) {
  return [&store, &engine](const ImageId& id, const std::string& tenant,
                           DoneWithUrl done) {
    if (const absl::Status status = ExpireUrl(store, id); !status.ok()) {
      return done(status);
    }
    auto request = std::make_shared<LookupRequest>();
    request->size =
        id.is_preview ? v1::PICTURE_SIZE_PREVIEW : v1::PICTURE_SIZE_FULL;
    request->tenant = tenant;
    request->deadline = absl::Now() + kUrlWait;
    UrlSink::Ask(engine, std::move(request), id, std::move(done));
  };
}

}  // namespace portrait
