// RecordView reads fields of a serialized ContactRecord without parsing the
// message: a lookup from the store reads a few fields and copies the rest
// unchanged. Parsing the record and serializing a result costs ten times as
// much.
#ifndef PORTRAIT_CORE_STORE_RECORD_VIEW_H_
#define PORTRAIT_CORE_STORE_RECORD_VIEW_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/timestamp.pb.h"
#include "portrait/store/v1/store.pb.h"

namespace portrait {

// A value type, valid as long as the bytes it views. Accessors have the names
// and defaults of ContactRecord's.
class RecordView {
 public:
  // Views a serialized ContactRecord. Unknown fields are left out of the view;
  // if a field occurs several times, the last value counts.
  //
  // Errors: DATA_LOSS if `bytes` are not a ContactRecord.
  static absl::StatusOr<RecordView> Read(absl::string_view bytes);

  absl::string_view jid() const { return Text(Record::kJidFieldNumber); }
  absl::string_view phone_number() const {
    return Text(Record::kPhoneNumberFieldNumber);
  }
  absl::string_view lid() const { return Text(Record::kLidFieldNumber); }
  absl::string_view id() const { return Text(Record::kIdFieldNumber); }
  absl::string_view url() const { return Text(Record::kUrlFieldNumber); }
  absl::string_view preview_url() const {
    return Text(Record::kPreviewUrlFieldNumber);
  }
  absl::string_view session() const {
    return Text(Record::kSessionFieldNumber);
  }
  v1::Registration registration() const {
    return static_cast<v1::Registration>(registration_);
  }
  v1::PictureState state() const {
    return static_cast<v1::PictureState>(state_);
  }

  bool has_check_time() const { return Has(Record::kCheckTimeFieldNumber); }
  google::protobuf::Timestamp check_time() const {
    return Time(Record::kCheckTimeFieldNumber);
  }
  bool has_url_expire_time() const {
    return Has(Record::kUrlExpireTimeFieldNumber);
  }
  google::protobuf::Timestamp url_expire_time() const {
    return Time(Record::kUrlExpireTimeFieldNumber);
  }
  bool has_preview_url_expire_time() const {
    return Has(Record::kPreviewUrlExpireTimeFieldNumber);
  }
  google::protobuf::Timestamp preview_url_expire_time() const {
    return Time(Record::kPreviewUrlExpireTimeFieldNumber);
  }
  bool outdated() const { return outdated_; }
  int32_t used_day() const { return used_day_; }
  google::protobuf::Timestamp change_time() const {
    return Time(Record::kChangeTimeFieldNumber);
  }
  // The tie of a tenant that asked about the contact.
  std::optional<store::v1::Tie> FindTie(uint32_t tenant) const;
  bool has_state_time() const { return Has(Record::kStateTimeFieldNumber); }
  google::protobuf::Timestamp state_time() const {
    return Time(Record::kStateTimeFieldNumber);
  }

  // The whole record.
  absl::string_view bytes() const { return bytes_; }
  // The encoded field with tag and length, for assembling a result; empty if
  // the record does not have it.
  absl::string_view Encoded(int field) const {
    const Span& span = spans_[IndexOf(field)];
    return bytes_.substr(span.begin, span.end - span.begin);
  }

 private:
  using Record = store::v1::ContactRecord;
  // Offsets into bytes_; all 0: the field is missing.
  struct Span {
    uint32_t begin = 0;
    uint32_t value = 0;  // after the tag and the length
    uint32_t end = 0;
  };
  // Fields 1 to 19 belong to a result; fields 101 to 104 are internal to the
  // store.
  static constexpr int kLastResultField = 19;
  static constexpr int kFirstStoreField = 101;
  static constexpr int kLastStoreField = 104;
  static constexpr int kSpans =
      kLastResultField + 1 + kLastStoreField - kFirstStoreField + 1;

  // Returns 0, which belongs to no field, for an unknown field.
  static int IndexOf(int field) {
    if (field >= 1 && field <= kLastResultField) return field;
    if (field < kFirstStoreField || field > kLastStoreField) return 0;
    return field - kFirstStoreField + kLastResultField + 1;
  }

  bool Has(int field) const { return spans_[IndexOf(field)].end != 0; }
  absl::string_view Text(int field) const {
    const Span& span = spans_[IndexOf(field)];
    return bytes_.substr(span.value, span.end - span.value);
  }
  google::protobuf::Timestamp Time(int field) const;

  absl::string_view bytes_;
  std::array<Span, kSpans> spans_ = {};
  int registration_ = 0;
  int state_ = 0;
  bool outdated_ = false;
  int32_t used_day_ = 0;
  uint32_t ties_begin_ = 0;  // offset of the first tie; 0: there is none
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_RECORD_VIEW_H_
