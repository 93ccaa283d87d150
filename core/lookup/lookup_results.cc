#include "core/lookup/lookup_results.h"

#include <algorithm>
#include <array>

#include "core/base/proto_time.h"
#include "core/contact/contact_key.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace portrait {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;
using store::v1::ContactRecord;
using v1::ProfilePicture;

constexpr size_t kCommonResultBytes = 400;
constexpr size_t kMaxVarintBytes = 10;

void AppendVarint(uint64_t value, std::string* to) {
  std::array<uint8_t, kMaxVarintBytes> bytes;
  const uint8_t* const end =
      CodedOutputStream::WriteVarint64ToArray(value, bytes.data());
  to->append(reinterpret_cast<const char*>(bytes.data()), end - bytes.data());
}

void AppendTag(int field, WireFormatLite::WireType type, std::string* to) {
  AppendVarint(WireFormatLite::MakeTag(field, type), to);
}

void AppendHead(int field, size_t size, std::string* to) {
  AppendTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, to);
  AppendVarint(size, to);
}

void AppendNumber(int field, uint64_t value, std::string* to) {
  AppendTag(field, WireFormatLite::WIRETYPE_VARINT, to);
  AppendVarint(value, to);
}

// The encoded size of a varint field with a number below 16.
size_t NumberSize(uint64_t value) {
  return 1 + CodedOutputStream::VarintSize64(value);
}

// Appends the start of a result whose outcome, in field `field`, has `size`
// bytes.
void AppendResultHead(uint64_t tag, int field, size_t size, std::string* to) {
  AppendHead(v1::EnrichProfilePicturesResponse::kResultsFieldNumber,
             NumberSize(tag) + NumberSize(size) + size, to);
  AppendNumber(v1::EnrichResult::kTagFieldNumber, tag, to);
  AppendHead(field, size, to);
}

v1::LookupError RenderError(const LookupFailure& failure) {
  v1::LookupError error;
  error.set_reason(failure.reason);
  error.set_message(failure.message);
  if (failure.retry_after > absl::ZeroDuration() &&
      failure.retry_after != absl::InfiniteDuration()) {
    *error.mutable_retry_after() = ToProto(failure.retry_after);
  }
  return error;
}

// Assembles a ProfilePicture from pieces of a stored record, whose fields have
// the same numbers and types.
class PictureSplicer {
 public:
  PictureSplicer(const RecordView& record, const Wanted& wanted,
                 v1::Source source, absl::Time now)
      : record_(record) {
    Choose(wanted, now);
    CollectPieces();
    AppendNumber(ProfilePicture::kSourceFieldNumber, source, &own_);
  }

  v1::PictureState state() const { return state_; }
  size_t size() const { return pieces_size_ + own_.size(); }
  void AppendTo(std::string* to) const {
    for (size_t i = 0; i < pieces_; ++i) {
      to->append(piece_[i].data(), piece_[i].size());
    }
    *to += own_;
  }

 private:
  void Take(std::initializer_list<int> fields) {
    for (const int field : fields) chosen_ |= 1u << field;
  }
  void Choose(const Wanted& wanted, absl::Time now);
  void ChoosePicture(const Wanted& wanted, absl::Time now);
  void ChooseUrls(const Wanted& wanted, absl::Time now);
  void AddNumber(const std::string& number);

  // Fields that are adjacent in the record are copied as one piece.
  void CollectPieces() {
    for (int field = 1; field <= ContactRecord::kSessionFieldNumber; ++field) {
      if ((chosen_ >> field & 1) == 0) continue;
      const absl::string_view encoded = record_.Encoded(field);
      if (encoded.empty()) continue;
      pieces_size_ += encoded.size();
      if (pieces_ > 0) {
        absl::string_view& last = piece_[pieces_ - 1];
        if (last.data() + last.size() == encoded.data()) {
          last = absl::string_view(last.data(), last.size() + encoded.size());
          continue;
        }
      }
      piece_[pieces_++] = encoded;
    }
  }

  const RecordView& record_;
  v1::PictureState state_ = v1::PICTURE_STATE_UNSPECIFIED;
  uint32_t chosen_ = 0;  // bit n: copy field n from the record

  std::array<absl::string_view, 20> piece_;
  size_t pieces_ = 0;
  size_t pieces_size_ = 0;
  std::string own_;  // encoded fields that are not copied from the record
};

void PictureSplicer::Choose(const Wanted& wanted, absl::Time now) {
  // These fields apply in every picture state.
  Take({ContactRecord::kJidFieldNumber, ContactRecord::kLidFieldNumber,
        ContactRecord::kRegistrationFieldNumber,
        ContactRecord::kCheckTimeFieldNumber});
  if (wanted.tells_session) Take({ContactRecord::kSessionFieldNumber});
  if (wanted.changes_after == absl::InfinitePast() ||
      FromProto(record_.change_time()) > wanted.changes_after) {
    Take({ContactRecord::kChangeTimeFieldNumber,
          ContactRecord::kPreviousIdFieldNumber});
  }
  if (!wanted.phone_number.empty()) {
    AddNumber(wanted.phone_number);
  } else if (record_.phone_number().empty()) {
    AddNumber(PhoneNumberOf(record_.jid()));
  } else {
    Take({ContactRecord::kPhoneNumberFieldNumber});
  }
  // A number that is not on WhatsApp has no further fields.
  if (record_.registration() == v1::REGISTRATION_NOT_REGISTERED) return;
  state_ = record_.state();
  Take(
      {ContactRecord::kIsBusinessFieldNumber, ContactRecord::kNameFieldNumber});
  if (state_ == v1::PICTURE_STATE_AVAILABLE) {
    ChoosePicture(wanted, now);
  } else {
    Take({ContactRecord::kStateFieldNumber});
  }
}

void PictureSplicer::ChoosePicture(const Wanted& wanted, absl::Time now) {
  Take({ContactRecord::kIdFieldNumber, ContactRecord::kHashFieldNumber});
  if (!wanted.existing_id.empty() && wanted.existing_id == record_.id()) {
    state_ = v1::PICTURE_STATE_UNCHANGED;
    AppendNumber(ProfilePicture::kStateFieldNumber, state_, &own_);
    return;
  }
  Take({ContactRecord::kStateFieldNumber});
  ChooseUrls(wanted, now);
}

void PictureSplicer::ChooseUrls(const Wanted& wanted, absl::Time now) {
  absl::Time expires_at = absl::InfiniteFuture();
  bool given = false;
  if (const absl::Time full = FullUrlExpireTime(record_);
      WantsFullUrl(wanted) && full > now) {
    Take({ContactRecord::kUrlFieldNumber});
    expires_at = std::min(expires_at, full);
    given = true;
  }
  if (const absl::Time preview = PreviewUrlExpireTime(record_);
      WantsPreviewUrl(wanted) && preview > now) {
    Take({ContactRecord::kPreviewUrlFieldNumber});
    expires_at = std::min(expires_at, preview);
    given = true;
  }
  if (!given) return;
  // The direct path is the URL without its host, so it expires together with
  // the URL.
  Take(
      {ContactRecord::kDirectPathFieldNumber, ContactRecord::kTypeFieldNumber});
  if (expires_at == absl::InfiniteFuture()) return;
  const google::protobuf::Timestamp time = ToProto(expires_at);
  AppendHead(ProfilePicture::kUrlExpireTimeFieldNumber, time.ByteSizeLong(),
             &own_);
  time.AppendToString(&own_);
}

void PictureSplicer::AddNumber(const std::string& number) {
  if (number.empty()) return;
  AppendHead(ProfilePicture::kPhoneNumberFieldNumber, number.size(), &own_);
  own_ += number;
}

}  // namespace

void LookupResults::Reserve(size_t results) {
  facts_.reserve(facts_.size() + results);
  bytes_.reserve(bytes_.size() + results * kCommonResultBytes);
}

void LookupResults::AddPicture(uint64_t tag, const RecordView& record,
                               const Wanted& wanted, v1::Source source,
                               absl::Time now, bool changed) {
  const PictureSplicer picture(record, wanted, source, now);
  AppendResultHead(tag, v1::EnrichResult::kProfilePictureFieldNumber,
                   picture.size(), &bytes_);
  picture.AppendTo(&bytes_);
  facts_.push_back({.tag = tag,
                    .source = source,
                    .registration = record.registration(),
                    .state = picture.state(),
                    .changed = changed,
                    .end = static_cast<uint32_t>(bytes_.size()),
                    .picture = static_cast<uint32_t>(picture.size())});
}

void LookupResults::AddEncoded(const ResultFacts& facts,
                               absl::string_view picture) {
  AppendResultHead(facts.tag, v1::EnrichResult::kProfilePictureFieldNumber,
                   picture.size(), &bytes_);
  bytes_.append(picture.data(), picture.size());
  facts_.push_back(facts);
  facts_.back().end = static_cast<uint32_t>(bytes_.size());
  facts_.back().picture = static_cast<uint32_t>(picture.size());
}

void LookupResults::AddError(uint64_t tag, const LookupFailure& failure,
                             bool changed) {
  AddError(tag, RenderError(failure), changed);
}

void LookupResults::AddError(uint64_t tag, const v1::LookupError& error,
                             bool changed) {
  AppendResultHead(tag, v1::EnrichResult::kErrorFieldNumber,
                   error.ByteSizeLong(), &bytes_);
  error.AppendToString(&bytes_);
  facts_.push_back({.tag = tag,
                    .error = error.reason(),
                    .changed = changed,
                    .end = static_cast<uint32_t>(bytes_.size())});
}

size_t LookupResults::Drop(v1::ErrorReason reason) {
  const auto matches = [reason](const ResultFacts& facts) {
    return facts.error == reason;
  };
  const size_t dropped = std::count_if(facts_.begin(), facts_.end(), matches);
  if (dropped == 0) return 0;
  LookupResults kept;
  for (size_t i = 0; i < facts_.size(); ++i) {
    if (matches(facts_[i])) continue;
    const absl::string_view encoded = Encoded(i, i + 1);
    kept.bytes_.append(encoded.data(), encoded.size());
    kept.facts_.push_back(facts_[i]);
    kept.facts_.back().end = static_cast<uint32_t>(kept.bytes_.size());
  }
  *this = std::move(kept);
  return dropped;
}

v1::EnrichResult LookupResults::Decode(size_t index) const {
  const absl::string_view encoded = Encoded(index, index + 1);
  v1::EnrichProfilePicturesResponse response;
  response.ParseFromArray(encoded.data(), static_cast<int>(encoded.size()));
  return std::move(*response.mutable_results(0));
}

}  // namespace portrait
