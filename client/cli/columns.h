// The columns of results, equal in every format and command of `portrait`.
#ifndef PORTRAIT_CLIENT_CLI_COLUMNS_H_
#define PORTRAIT_CLIENT_CLI_COLUMNS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/cli/picture_downloads.h"
#include "google/protobuf/timestamp.pb.h"
#include "portrait/v1/profile_picture.pb.h"
#include "portrait/v1/session.pb.h"

namespace portrait::cli {

// The prefix of our columns' names if they are beside the caller's own columns.
inline constexpr char kColumnPrefix[] = "portrait_";

// Our column with the path of the picture's file.
inline constexpr absl::string_view kImagePathColumn = "image_path";

// kWhole is text that a table never shortens, such as an id or a time.
enum class ColumnKind { kText, kWhole, kFlag, kNumber };

struct Column {
  absl::string_view name;
  ColumnKind kind = ColumnKind::kText;
  absl::string_view help;
  // A table that is too narrow leaves out columns of greater rank first.
  int rank = 0;
  // The width in a table whose rows are written one by one.
  size_t width = 20;
};

// A value that is unknown or does not apply is empty. Flags are "yes" and "no".
absl::Span<const Column> ResultColumns();
// `image` is the saved picture of the result; unset: none was asked for.
std::vector<std::string> ResultValues(const v1::EnrichResult& result,
                                      const PictureOutcome& image = {});

absl::Span<const Column> ChangeColumns();
std::vector<std::string> ChangeValues(const v1::ProfilePictureChange& change);

absl::Span<const Column> SessionColumns();
std::vector<std::string> SessionValues(const v1::Session& session);

// Returns a column's `value` for a CSV file. Text from other people, such as a
// name, gets an apostrophe if a spreadsheet would read it as a formula.
std::string GuardFormula(absl::string_view column, absl::string_view value);

// The members of a JSON object without its braces: "name":value for each known
// value.
std::string JsonMembers(absl::Span<const Column> columns,
                        absl::Span<const std::string> values);

// "available", "hidden", "not_set", "unchanged", "not_registered", "unknown",
// or "error".
std::string OutcomeName(const v1::EnrichResult& result);
// "store", "whatsapp", or "".
std::string SourceName(const v1::EnrichResult& result);
// Returns a name such as "INVALID_CONTACT".
std::string ReasonName(v1::ErrorReason reason);

// The remark beside the outcome in a table: "INVALID_CONTACT: too short",
// "business", or nothing.
std::string NoteOf(const v1::EnrichResult& result);

// "2026-11-21T11:36:00Z"; empty for the zero time.
std::string FormatTime(const google::protobuf::Timestamp& time);

// Our columns with their meaning, one per line, for --help.
std::string ResultColumnsHelp();

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COLUMNS_H_
