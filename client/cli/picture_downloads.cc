#include "client/cli/picture_downloads.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/command_support.h"
#include "client/cli/output_file.h"
#include "core/base/sha256.h"
#include "core/image/image_facts.h"

namespace portrait::cli {
namespace {

const size_t kMaxPictureBytes = ImageLimits().max_bytes;

// Keeps letters, digits, '@' and '.', and replaces all other characters by '_',
// so that the name stays in its folder. A name never begins with a dot, which
// would hide the file.
std::string SafeName(absl::string_view text) {
  std::string name;
  for (const char c : text) {
    name.push_back(absl::ascii_isalnum(c) || c == '@' || c == '.' ? c : '_');
  }
  if (absl::StartsWith(name, ".")) name[0] = '_';
  return name;
}

// The digits of a phone number, or a JID.
std::string ContactName(absl::string_view contact) {
  if (absl::ConsumeSuffix(&contact, "@s.whatsapp.net") ||
      !absl::StrContains(contact, '@')) {
    std::string digits;
    for (const char c : contact) {
      if (absl::ascii_isdigit(c)) digits.push_back(c);
    }
    return digits;
  }
  return SafeName(contact);
}

absl::string_view EndingOf(absl::string_view content_type) {
  if (content_type == ImageContentType(ImageFormat::kPng)) return "png";
  if (content_type == ImageContentType(ImageFormat::kWebP)) return "webp";
  return "jpg";
}

// Whether the file has this content already.
bool HasContent(const std::string& path, uint64_t bytes,
                absl::string_view sha256) {
  std::error_code error;
  if (std::filesystem::file_size(path, error) != bytes || error ||
      bytes > kMaxPictureBytes) {
    return false;
  }
  std::ifstream stream(path, std::ios::binary);
  return Sha256(std::string(std::istreambuf_iterator<char>(stream), {})) ==
         sha256;
}

}  // namespace

grpc::Status DownloadPicture(client::PortraitClient& client,
                             const v1::DownloadProfilePictureRequest& request,
                             grpc::ClientContext& context,
                             DownloadedPicture* picture) {
  const auto reader =
      client.pictures().DownloadProfilePicture(&context, request);
  v1::DownloadProfilePictureResponse part;
  bool is_too_large = false;
  while (reader->Read(&part)) {
    if (part.has_metadata()) picture->metadata = part.metadata();
    picture->bytes += part.chunk();
    is_too_large = picture->bytes.size() > kMaxPictureBytes;
    if (is_too_large) context.TryCancel();
  }
  const grpc::Status ended = reader->Finish();
  if (is_too_large) {
    return {
        grpc::StatusCode::DATA_LOSS,
        absl::StrCat("the image has more than ", kMaxPictureBytes, " bytes")};
  }
  if (ended.ok() && Sha256(picture->bytes) != picture->metadata.sha256()) {
    return {grpc::StatusCode::DATA_LOSS,
            "the image has another hash than the server told"};
  }
  return ended;
}

std::string PictureOutcome::Problem() const {
  return call.ok() ? std::string(file.message()) : call.error_message();
}

std::string PictureFileName(absl::string_view contact,
                            const v1::ImageMetadata& metadata,
                            uint32_t thumbnail_pixels) {
  return absl::StrCat(
      ContactName(contact), "-", SafeName(metadata.id()),
      thumbnail_pixels == 0 ? "" : absl::StrCat("-", thumbnail_pixels), ".",
      EndingOf(metadata.content_type()));
}

std::future<PictureOutcome> PictureDownloads::Start(
    const std::string& contact) {
  v1::DownloadProfilePictureRequest request;
  request.set_contact(contact);
  return Post(contact, std::move(request), {});
}

std::future<PictureOutcome> PictureDownloads::Start(
    const v1::ProfilePicture& picture) {
  v1::DownloadProfilePictureRequest request;
  request.set_contact(picture.jid());
  // Without a lookup, which would count again. If the image is not kept, the
  // download fetches it, or says why that is not possible.
  if (picture.has_image()) request.set_id(picture.id());
  return Post(
      picture.phone_number().empty() ? picture.jid() : picture.phone_number(),
      std::move(request), picture.image());
}

std::future<PictureOutcome> PictureDownloads::Post(
    std::string contact, v1::DownloadProfilePictureRequest request,
    v1::ImageMetadata known) {
  request.set_thumbnail_pixels(thumbnail_pixels_);
  auto task = std::make_shared<std::packaged_task<PictureOutcome()>>(
      [this, contact = std::move(contact), request = std::move(request),
       known = std::move(known)] { return Download(contact, request, known); });
  threads_.Post(/*tenant=*/"", [task] { (*task)(); });
  return task->get_future();
}

PictureOutcome PictureDownloads::Download(
    const std::string& contact,
    const v1::DownloadProfilePictureRequest& request,
    const v1::ImageMetadata& known) {
  PictureOutcome outcome;
  const auto note = [&](const v1::ImageMetadata& metadata) {
    outcome.saved = {PictureFileName(contact, metadata, thumbnail_pixels_),
                     absl::BytesToHexString(metadata.sha256()),
                     static_cast<uint64_t>(metadata.size_bytes())};
    return absl::StrCat(folder_, "/", outcome.saved.name);
  };
  if (thumbnail_pixels_ == 0 && !known.sha256().empty()) {
    const std::string path = note(known);
    if (HasContent(path, outcome.saved.bytes, known.sha256())) return outcome;
  }
  const auto context = client_.NewContext(kCallTimeout);
  {
    absl::MutexLock lock(&mu_);
    if (cancelled_) context->TryCancel();
    running_.insert(context.get());
  }
  DownloadedPicture picture;
  outcome.call = DownloadPicture(client_, request, *context, &picture);
  {
    absl::MutexLock lock(&mu_);
    running_.erase(context.get());
  }
  if (outcome.call.ok()) {
    outcome.file = Save(note(picture.metadata), picture);
  }
  if (!outcome.ok()) outcome.saved = {};
  return outcome;
}

absl::Status PictureDownloads::Save(const std::string& path,
                                    const DownloadedPicture& picture) {
  const Leases::Lease lease(leases_, path);
  if (HasContent(path, picture.bytes.size(), picture.metadata.sha256())) {
    return absl::OkStatus();
  }
  return ReplaceFile(path, picture.bytes);
}

void PictureDownloads::Cancel() {
  absl::MutexLock lock(&mu_);
  cancelled_ = true;
  for (grpc::ClientContext* context : running_) context->TryCancel();
}

}  // namespace portrait::cli
