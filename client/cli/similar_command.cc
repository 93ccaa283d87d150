// portrait similar CONTACT|FILE
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/progress_line.h"

namespace portrait::cli {
namespace {

constexpr Column kSimilarColumns[] = {
    {"phone", ColumnKind::kWhole, "phone number of the contact, if known", 0},
    {"jid", ColumnKind::kText, "WhatsApp address (JID) of the contact", 1},
    {"picture_id", ColumnKind::kWhole, "id of the picture", 2},
    {"distance", ColumnKind::kNumber, "bits that differ", 0},
};
constexpr int kMaxDistance = 8;  // the server's limit
constexpr int kPicturesPerPage = 1000;

struct SimilarFlags {
  std::string subject;
  uint32_t max_distance = 4;
  FormatFlags format;
};

// A file that exists is uploaded; anything else is a contact.
absl::StatusOr<v1::FindSimilarPicturesRequest> RequestOf(
    const SimilarFlags& flags) {
  v1::FindSimilarPicturesRequest request;
  request.set_max_distance(flags.max_distance);
  request.set_page_size(kPicturesPerPage);
  std::error_code error;
  if (!std::filesystem::is_regular_file(flags.subject, error)) {
    request.set_contact(flags.subject);
    return request;
  }
  std::ifstream file(flags.subject, std::ios::binary);
  request.set_image(std::string(std::istreambuf_iterator<char>(file), {}));
  if (file.bad() || request.image().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", flags.subject));
  }
  return request;
}

void Summarize(const v1::FindSimilarPicturesResponse& found, size_t listed) {
  if (found.is_not_compared()) {
    Complain("the picture is blank or a silhouette, which is not compared");
    return;
  }
  Complain(absl::StrCat(
      found.is_minimum() ? "at least " : "", WithCommas(found.contacts()),
      found.contacts() == 1 ? " contact has" : " contacts have",
      " a similar picture; listed: ", WithCommas(listed)));
}

ExitCode FindSimilar(const SimilarFlags& flags, Program& program) {
  absl::StatusOr<v1::FindSimilarPicturesRequest> request = RequestOf(flags);
  if (!request.ok()) {
    Complain(request.status().message());
    return ExitCode::kUsage;
  }
  const auto client = Connect(program);
  if (client == nullptr) return ExitCode::kUsage;
  v1::FindSimilarPicturesResponse found;
  std::vector<std::vector<std::string>> rows;
  do {
    const auto context = client->NewContext(kCallTimeout);
    const Interrupt::Handler stop(program.interrupt,
                                  [&context] { context->TryCancel(); });
    const grpc::Status status =
        client->pictures().FindSimilarPictures(context.get(), *request, &found);
    if (program.interrupt.interrupted()) return ExitCode::kInterrupted;
    if (!status.ok()) return Complain(client::ToStatus(status), *client);
    for (const v1::SimilarPicture& picture : found.pictures()) {
      rows.push_back({picture.phone_number(), picture.jid(),
                      picture.image().id(), absl::StrCat(picture.distance())});
    }
    request->set_page_token(found.next_page_token());
  } while (!found.next_page_token().empty());
  Summarize(found, rows.size());
  return PrintRows(flags.format, kSimilarColumns, std::move(rows));
}

}  // namespace

void AddSimilarCommand(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "similar", "Finds contacts whose pictures look like a given one");
  auto flags = std::make_shared<SimilarFlags>();
  command
      ->add_option("CONTACT|FILE", flags->subject,
                   "Contact whose picture the server keeps, or an image file: "
                   "JPEG, PNG or WebP")
      ->required();
  command
      ->add_option("--max-distance", flags->max_distance,
                   "Bits in which the perceptual hashes may differ: 0 for the "
                   "same picture, up to 4 for copies of it")
      ->check(CLI::Range(0, kMaxDistance))
      ->capture_default_str();
  AddFormatFlag(*command, &flags->format);
  command->footer(absl::StrCat(
      "The server compares the images that it keeps (--images); the token "
      "needs the right likeness. The number of contacts includes those "
      "of other tenants; the list has those that your tenant asked about.\n\n",
      kExitCodeHelp));
  command->callback(
      [flags, &program] { program.exit_code = FindSimilar(*flags, program); });
}

}  // namespace portrait::cli
