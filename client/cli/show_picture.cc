#include "client/cli/show_picture.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/cli/command_support.h"
#include "client/cli/output_file.h"
#include "client/cli/picture_downloads.h"
#include "client/cli/terminal_picture.h"
#include "client/cli/terminal_size.h"
#include "core/image/image_reader.h"

namespace portrait::cli {
namespace {

bool HasPicture(const v1::EnrichResult& result) {
  const v1::PictureState state = result.profile_picture().state();
  return state == v1::PICTURE_STATE_AVAILABLE ||
         state == v1::PICTURE_STATE_UNCHANGED;
}

absl::StatusOr<std::string> DownloadImage(const std::string& jid,
                                          client::PortraitClient& client,
                                          Interrupt& interrupt) {
  v1::DownloadProfilePictureRequest request;
  request.set_contact(jid);
  const auto context = client.NewContext(kCallTimeout);
  const Interrupt::Handler stop(interrupt,
                                [&context] { context->TryCancel(); });
  DownloadedPicture picture;
  const grpc::Status ended =
      DownloadPicture(client, request, *context, &picture);
  if (!ended.ok()) return client::ToStatus(ended);
  return std::move(picture.bytes);
}

// Asked once: a terminal that does not answer costs time.
TerminalGraphics Graphics() {
  static const TerminalGraphics graphics = GraphicsOf(
      [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
      },
      AskTerminalAttributes(STDOUT_FILENO));
  return graphics;
}

}  // namespace

void ShowPicture(const v1::EnrichResult& result, client::PortraitClient& client,
                 Interrupt& interrupt) {
  if (isatty(STDOUT_FILENO) == 0 || !HasPicture(result)) return;
  ImageReader reader({});
  const absl::StatusOr<std::string> image =
      DownloadImage(result.profile_picture().jid(), client, interrupt);
  if (interrupt.interrupted()) return;
  const absl::StatusOr<Pixels> pixels =
      image.ok() ? reader.Shrink(*image, kLargeThumbnail)
                 : absl::StatusOr<Pixels>(image.status());
  if (!pixels.ok()) {
    Complain(
        absl::StrCat("cannot show the picture: ", pixels.status().message()));
    return;
  }
  const size_t columns =
      std::min(kPictureColumns,
               TerminalSizeOf(STDOUT_FILENO).value_or(TerminalSize()).columns);
  OutputFile output("");
  output.Write(DrawPicture(*pixels, Graphics(), columns)).IgnoreError();
  output.Flush().IgnoreError();
}

}  // namespace portrait::cli
