#include "core/store/record_view.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace portrait {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

absl::Status Damaged() {
  return absl::DataLossError("store: a record is unreadable");
}

// The wire types of ContactRecord's fields; other fields are skipped.
WireFormatLite::WireType WireTypeOf(int field) {
  switch (field) {
    case store::v1::ContactRecord::kRegistrationFieldNumber:
    case store::v1::ContactRecord::kStateFieldNumber:
    case store::v1::ContactRecord::kIsBusinessFieldNumber:
    case store::v1::ContactRecord::kOutdatedFieldNumber:
      return WireFormatLite::WIRETYPE_VARINT;
    default:
      return WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
  }
}

}  // namespace

absl::StatusOr<RecordView> RecordView::Read(absl::string_view bytes) {
  RecordView view;
  view.bytes_ = bytes;
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  for (uint32_t begin = 0;; begin = in.CurrentPosition()) {
    const uint32_t tag = in.ReadTag();
    if (tag == 0) break;
    const int field = WireFormatLite::GetTagFieldNumber(tag);
    const auto type = WireFormatLite::GetTagWireType(tag);
    const int index = IndexOf(field);
    if (field == Record::kUsedDayFieldNumber &&
        type == WireFormatLite::WIRETYPE_VARINT) {
      uint32_t day = 0;
      if (!in.ReadVarint32(&day)) return Damaged();
      view.used_day_ = static_cast<int32_t>(day);
      continue;
    }
    if (field == Record::kTiesFieldNumber && view.ties_begin_ == 0) {
      view.ties_begin_ = begin;
    }
    if (index == 0) {
      if (!WireFormatLite::SkipField(&in, tag)) return Damaged();
      continue;
    }
    if (type != WireTypeOf(field)) return Damaged();
    uint32_t number = 0;
    // A varint's value, or the length of a length-delimited field.
    if (!in.ReadVarint32(&number)) return Damaged();
    const uint32_t value = in.CurrentPosition();
    if (type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED &&
        !in.Skip(static_cast<int>(number))) {
      return Damaged();
    }
    view.spans_[index] = {begin, value,
                          static_cast<uint32_t>(in.CurrentPosition())};
    if (field == Record::kRegistrationFieldNumber) view.registration_ = number;
    if (field == Record::kStateFieldNumber) view.state_ = number;
    if (field == Record::kOutdatedFieldNumber) view.outdated_ = number != 0;
  }
  // ReadTag returns 0 at the end, but also for an invalid tag.
  if (!in.ConsumedEntireMessage()) return Damaged();
  return view;
}

std::optional<store::v1::Tie> RecordView::FindTie(uint32_t tenant) const {
  if (ties_begin_ == 0) return std::nullopt;
  const absl::string_view ties = bytes_.substr(ties_begin_);
  CodedInputStream in(reinterpret_cast<const uint8_t*>(ties.data()),
                      static_cast<int>(ties.size()));
  store::v1::Tie tie;
  while (const uint32_t tag = in.ReadTag()) {
    uint32_t size = 0;
    if (WireFormatLite::GetTagFieldNumber(tag) != Record::kTiesFieldNumber) {
      if (!WireFormatLite::SkipField(&in, tag)) break;
      continue;
    }
    if (!in.ReadVarint32(&size)) break;
    const absl::string_view bytes = ties.substr(in.CurrentPosition(), size);
    if (!in.Skip(static_cast<int>(size)) ||
        !tie.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      break;
    }
    if (tie.tenant() == tenant) return tie;
  }
  return std::nullopt;
}

google::protobuf::Timestamp RecordView::Time(int field) const {
  const absl::string_view text = Text(field);
  google::protobuf::Timestamp time;
  // An unreadable time becomes the start of 1970, so that the record counts as
  // stale.
  if (!time.ParseFromArray(text.data(), static_cast<int>(text.size()))) {
    time.Clear();
  }
  return time;
}

}  // namespace portrait
