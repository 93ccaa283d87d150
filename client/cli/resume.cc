#include "client/cli/resume.h"

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/cli/input_buffer.h"

namespace portrait::cli {
namespace {

// The largest record: the caller's cells and our columns together.
constexpr size_t kMaxOutputRecordBytes = 4 * kMaxRecordBytes;

struct Record {
  std::string text;       // includes its line break
  bool complete = false;  // false: the file ends here, without a line break
};

// Splits an output into records. RowEncoder writes quotes in pairs, so a line
// break ends a record if the number of quotes before it is even.
class RecordSplitter {
 public:
  RecordSplitter(InputBuffer& input, bool quotes)
      : input_(input), quotes_(quotes) {}

  absl::StatusOr<Record> Next() {
    Record record;
    bool quoted = false;
    while (record.text.size() <= kMaxOutputRecordBytes) {
      if (input_.buffered().empty()) {
        const absl::StatusOr<bool> more = input_.Fill();
        if (!more.ok()) return more.status();
        if (!*more) return record;
      }
      const absl::string_view text = input_.buffered();
      for (size_t i = 0; i < text.size(); ++i) {
        if (quotes_ && text[i] == '"') quoted = !quoted;
        if (text[i] != '\n' || quoted) continue;
        absl::StrAppend(&record.text, text.substr(0, i + 1));
        record.complete = true;
        input_.Consume(i + 1);
        return record;
      }
      absl::StrAppend(&record.text, text);
      input_.Consume(text.size());
    }
    return absl::InvalidArgumentError("a record is too long");
  }

 private:
  InputBuffer& input_;
  const bool quotes_;
};

// Whether `record` may have this beginning: a complete record must contain all
// of it, and an incomplete one must agree as far as it goes.
bool BeginsWith(const Record& record, absl::string_view beginning) {
  return absl::StartsWith(record.text, beginning) ||
         (!record.complete && absl::StartsWith(beginning, record.text));
}

absl::Status Mismatch(const std::string& path, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot resume ", path, ": ", what,
                   "; the file was not written by the same command from the "
                   "same list. To overwrite it, run without --resume"));
}

}  // namespace

absl::StatusOr<ResumePoint> FindResumePoint(const std::string& path,
                                            const RowEncoder& encoder,
                                            TableReader& list) {
  ResumePoint point;
  absl::StatusOr<std::unique_ptr<InputBuffer>> output = InputBuffer::Open(path);
  if (absl::IsNotFound(output.status())) return point;
  if (!output.ok()) return output.status();
  RecordSplitter splitter(**output, encoder.format() == OutputFormat::kCsv);

  if (const std::string header = encoder.Header(); !header.empty()) {
    const absl::StatusOr<Record> first = splitter.Next();
    if (!first.ok()) return Mismatch(path, first.status().message());
    if (!BeginsWith(*first, header)) {
      return Mismatch(path, "its columns differ");
    }
    if (!first->complete) return point;
    // The reader has dropped the byte order mark, so it is added here.
    point.bytes = encoder.mark_bytes() + header.size();
  }
  while (true) {
    const absl::StatusOr<Record> record = splitter.Next();
    if (!record.ok()) return Mismatch(path, record.status().message());
    if (record->text.empty()) return point;
    InputRow row;
    const absl::StatusOr<bool> more = list.Next(&row);
    if (!more.ok()) return more.status();
    if (!*more) return Mismatch(path, "it has more rows than the list");
    const absl::StatusOr<std::string> beginning = encoder.Begin(row);
    if (!beginning.ok()) return beginning.status();
    if (!BeginsWith(*record, *beginning)) {
      return Mismatch(
          path, absl::StrCat("its row ", point.rows + 1,
                             " does not match the list's line ", row.line));
    }
    if (!record->complete) {
      point.next_row = std::move(row);
      return point;
    }
    ++point.rows;
    point.bytes += record->text.size();
  }
}

}  // namespace portrait::cli
