#include "client/cli/report_page.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "client/cli/complain.h"
#include "client/cli/json.h"
#include "client/cli/output_file.h"
#include "client/cli/report_assets.h"
#include "core/base/sha256.h"

namespace portrait::cli {
namespace {

// The name of a script or a style in a content security policy.
std::string SourceHash(absl::string_view text) {
  return absl::StrCat("sha256-", absl::Base64Escape(Sha256(text)));
}

template <typename Items, typename Format>
std::string JsonArray(const Items& items, Format format) {
  return absl::StrCat("[",
                      absl::StrJoin(items, ",",
                                    [&](std::string* out, const auto& item) {
                                      out->append(format(item));
                                    }),
                      "]");
}

std::string JsonNumber(int64_t number) { return absl::StrCat(number); }

std::string GroupJson(const LookAlikes& group) {
  std::string look;
  if (group.look == ImageLook::kSilhouette) look = "a default silhouette";
  if (group.look == ImageLook::kBlank) look = "nearly blank";
  return absl::StrCat("{\"rows\":", JsonArray(group.rows, JsonNumber),
                      ",\"look\":", JsonQuote(look), "}");
}

std::string DataJson(const ReportRun& run, const ReportImages& images,
                     const std::vector<std::string>& addresses,
                     absl::Time made) {
  std::vector<std::string> ours;
  for (const auto& [name, place] : run.ours) {
    ours.push_back(absl::StrCat(JsonQuote(name), ":", place));
  }
  std::vector<std::string> before;
  for (const auto& [row, picture] : images.before) {
    before.push_back(absl::StrCat("\"", row, "\":", picture));
  }
  const auto quoted = [](const std::string& text) { return JsonQuote(text); };
  return absl::StrCat("{\"source\":", JsonQuote(run.source), ",\"made\":",
                      JsonQuote(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", made,
                                                 absl::UTCTimeZone())),
                      ",\"columns\":", JsonArray(run.columns, quoted),
                      ",\"ours\":{", absl::StrJoin(ours, ","),
                      "},\"titles\":", JsonArray(run.titles, JsonNumber),
                      ",\"contacts\":", JsonArray(run.contacts, JsonNumber),
                      ",\"thumbnails\":", JsonArray(addresses, quoted),
                      ",\"pictures\":", JsonArray(images.pictures, JsonNumber),
                      ",\"before\":{", absl::StrJoin(before, ","),
                      "},\"groups\":", JsonArray(images.groups, GroupJson),
                      ",\n\"rows\":[\n",
                      absl::StrJoin(run.rows, ",\n",
                                    [&](std::string* out, const auto& row) {
                                      out->append(JsonArray(row, quoted));
                                    }),
                      "]}");
}

// PATH without its ending, and "_files".
std::string FilesFolder(const std::string& path) {
  const std::filesystem::path page(path);
  return (page.parent_path() / (page.stem().string() + "_files")).string();
}

absl::Status WriteThumbnails(const ReportImages& images,
                             const std::string& folder,
                             std::vector<std::string>* addresses) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::InternalError(absl::StrCat(folder, ": ", error.message()));
  }
  const std::string name = std::filesystem::path(folder).filename().string();
  for (size_t i = 0; i < images.thumbnails.size(); ++i) {
    const std::string file = absl::StrCat(i, ".jpg");
    absl::Status written =
        ReplaceFile(absl::StrCat(folder, "/", file), images.thumbnails[i]);
    if (!written.ok()) return written;
    addresses->push_back(absl::StrCat(name, "/", file));
  }
  return absl::OkStatus();
}

}  // namespace

std::string ReportPage(const ReportRun& run, const ReportImages& images,
                       const std::vector<std::string>& addresses,
                       absl::Time made) {
  // In JSON, '<' stands within strings only; without it no text can end the
  // script element or begin a comment.
  const std::string data = absl::StrReplaceAll(
      DataJson(run, images, addresses, made), {{"<", "\\u003c"}});
  const std::string title = absl::StrReplaceAll(
      run.source, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
  return absl::StrReplaceAll(ReportHtml(),
                             {{"@SCRIPT_HASH@", SourceHash(ReportScript())},
                              {"@STYLE_HASH@", SourceHash(ReportCss())},
                              {"@TITLE@", title},
                              {"@STYLE@", ReportCss()},
                              {"@SCRIPT@", ReportScript()},
                              {"@DATA@", data}});
}

absl::Status WriteReport(const ReportRun& run, const ReportImages& images,
                         const std::string& path, absl::Time made) {
  size_t bytes = 0;
  for (const std::string& thumbnail : images.thumbnails) {
    bytes += thumbnail.size();
  }
  std::vector<std::string> addresses;
  if (bytes > kMaxInlineBytes) {
    absl::Status written =
        WriteThumbnails(images, FilesFolder(path), &addresses);
    if (!written.ok()) return written;
  } else {
    for (const std::string& thumbnail : images.thumbnails) {
      addresses.push_back(absl::Base64Escape(thumbnail));
    }
  }
  return ReplaceFile(path, ReportPage(run, images, addresses, made));
}

absl::Status MakeReport(const ReportFlags& flags) {
  const absl::StatusOr<ReportRun> run = ReadReportRun(flags.run);
  if (!run.ok()) return run.status();
  const ReportImages images =
      ReadReportImages(*run, flags.images, flags.max_pictures);
  if (images.unreadable > 0) {
    Complain(absl::StrCat(images.unreadable,
                          " files are no pictures that can be shown"));
  }
  if (images.left_out > 0) {
    Complain(absl::StrCat(images.left_out,
                          " pictures are not shown; --max-pictures has the "
                          "limit"));
  }
  absl::Status written = WriteReport(*run, images, flags.output, absl::Now());
  if (written.ok()) {
    Complain(absl::StrCat("report of ", run->rows.size(),
                          " contacts: ", flags.output));
  }
  return written;
}

}  // namespace portrait::cli
