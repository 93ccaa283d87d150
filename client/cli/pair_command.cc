#include "client/cli/pair_command.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/json.h"
#include "client/cli/output_file.h"
#include "client/cli/qr_drawing.h"
#include "client/cli/qr_image.h"
#include "client/cli/terminal_size.h"

namespace portrait::cli {
namespace {

struct PairFlags {
  std::string name;
  std::string phone;
  std::string proxy;
  std::string format;
  std::string qr_file;  // the text of each code is written to it
  std::string qr_png;   // the image of each code is written to it
  std::string qr_svg;
};

constexpr absl::string_view kScanCaption =
    "Scan this code with the phone:\n"
    "WhatsApp > Settings > Linked devices > Link a device\n";
// The caption below a drawing, and the cursor's line.
constexpr int kLinesBelowCode = 3;

// The widest quiet zone with which the code and its caption fit on the
// terminal; nullopt if none fits.
std::optional<int> FindQuietZone(const QrCode& code, TerminalSize terminal) {
  for (int quiet = kQuietModules; quiet >= kLeastQuietModules; --quiet) {
    if (DrawnLines(code, quiet) + kLinesBelowCode <=
            static_cast<int>(terminal.rows) &&
        DrawnColumns(code, quiet) <= static_cast<int>(terminal.columns)) {
      return quiet;
    }
  }
  return std::nullopt;
}

// No line is longer than the narrowest code.
std::string TooSmallText(const QrCode& code, TerminalSize terminal) {
  return absl::StrCat(
      "The QR code needs ", DrawnColumns(code, kLeastQuietModules), " x ",
      DrawnLines(code, kLeastQuietModules) + kLinesBelowCode,
      " characters; this terminal\nhas ", terminal.columns, " x ",
      terminal.rows,
      ". Enlarge it: the next code comes within a minute.\n"
      "Or stop this (Ctrl-C) and link with one of\n"
      "  --qr-png FILE, --qr-svg FILE  the code as an image\n"
      "  --phone NUMBER                a code to type instead\n");
}

// The code in spaced letters with a frame; bold on a terminal.
std::string Framed(const std::string& code, bool terminal) {
  std::string text;
  for (const char c : code) absl::StrAppend(&text, " ", std::string(1, c));
  std::string edge;
  for (size_t i = 0; i < text.size() + 7; ++i) absl::StrAppend(&edge, "─");
  return absl::StrCat("\n    ┌", edge, "┐\n    │   ", terminal ? "\033[1m" : "",
                      text, terminal ? "\033[0m" : "", "    │\n    └", edge,
                      "┘\n\n");
}

// Shows the events of a pairing, to a person or to a script.
class PairingView {
 public:
  explicit PairingView(const PairFlags& flags)
      : phone_(flags.phone),
        qr_file_(flags.qr_file),
        qr_png_(flags.qr_png),
        qr_svg_(flags.qr_svg),
        terminal_(isatty(STDOUT_FILENO) != 0),
        for_scripts_(ChooseFormat(flags.format, /*terminal=*/true,
                                  OutputFormat::kTable) ==
                     OutputFormat::kJsonLines) {}

  absl::Status Show(const v1::PairSessionResponse& event) {
    switch (event.event_case()) {
      case v1::PairSessionResponse::kQrCode:
        return ShowQrCode(event.qr_code());
      case v1::PairSessionResponse::kPairingCode:
        return ShowPairingCode(event.pairing_code());
      case v1::PairSessionResponse::kPaired:
        return ShowPaired(event.paired());
      case v1::PairSessionResponse::kFailed:
        return ShowFailed(event.failed());
      default:
        return absl::OkStatus();
    }
  }

 private:
  absl::Status ShowQrCode(const v1::QrCode& code) {
    const absl::StatusOr<QrCode> made = QrCode::Make(code.text());
    if (!made.ok()) return made.status();
    absl::Status status = WriteFiles(code.text(), *made);
    if (!status.ok()) return status;
    if (for_scripts_) {
      return Write(absl::StrCat(
          "{\"event\":\"qr_code\",\"text\":", JsonQuote(code.text()),
          Expiry(code.expire_time()), "}\n"));
    }
    if (!terminal_) {
      return Draw(absl::StrCat(
          DrawQrCode(*made, QrColors::kPlain, kQuietModules), kScanCaption));
    }
    return Draw(ScreenOf(*made));
  }

  absl::Status WriteFiles(const std::string& text, const QrCode& code) {
    absl::Status status;
    if (!qr_file_.empty()) {
      status.Update(ReplaceFile(qr_file_, absl::StrCat(text, "\n")));
    }
    if (!qr_png_.empty()) status.Update(ReplaceFile(qr_png_, QrCodePng(code)));
    if (!qr_svg_.empty()) status.Update(ReplaceFile(qr_svg_, QrCodeSvg(code)));
    return status;
  }

  // The code in the best size for the terminal, or the reason why it is not
  // shown.
  std::string ScreenOf(const QrCode& code) const {
    const TerminalSize terminal =
        TerminalSizeOf(STDOUT_FILENO).value_or(TerminalSize());
    if (const std::optional<int> quiet = FindQuietZone(code, terminal)) {
      return absl::StrCat(DrawQrCode(code, QrColors::kAnsi, *quiet),
                          kScanCaption);
    }
    for (const std::string& file : {qr_png_, qr_svg_}) {
      if (!file.empty()) {
        return absl::StrCat("The QR code is in ", file, ".\n", kScanCaption);
      }
    }
    return TooSmallText(code, terminal);
  }

  absl::Status ShowPairingCode(const v1::PairingCode& code) {
    if (for_scripts_) {
      return Write(absl::StrCat(
          "{\"event\":\"pairing_code\",\"code\":", JsonQuote(code.code()),
          Expiry(code.expire_time()), "}\n"));
    }
    const std::string until = FormatTime(code.expire_time());
    return Draw(absl::StrCat(
        Framed(code.code(), terminal_), "Type this code on the phone with ",
        phone_, ":\n",
        "WhatsApp > Settings > Linked devices > Link a device >\n"
        "Link with phone number instead\n",
        until.empty()
            ? ""
            : absl::StrCat("The code is valid until ", until, ".\n")));
  }

  absl::Status ShowPaired(const v1::Session& session) {
    if (for_scripts_) {
      return Write(absl::StrCat(
          "{\"event\":\"paired\",",
          JsonMembers(SessionColumns(), SessionValues(session)), "}\n"));
    }
    return Draw(absl::StrCat("Linked ", session.jid(), " as session \"",
                             session.session(), "\".\n"));
  }

  absl::Status ShowFailed(const v1::PairingFailure& failure) {
    if (for_scripts_) {
      return Write(absl::StrCat("{\"event\":\"failed\",\"message\":",
                                JsonQuote(failure.message()), "}\n"));
    }
    Complain(absl::StrCat("not linked: ", failure.message()));
    return absl::OkStatus();
  }

  // Draws over the previous drawing, line by line: if the whole screen were
  // cleared first, tmux would keep it in its history.
  absl::Status Draw(const std::string& screen) {
    if (!terminal_) return Write(screen);
    const std::string over = absl::StrReplaceAll(screen, {{"\n", "\033[K\n"}});
    const std::string up =
        lines_ == 0 ? "" : absl::StrCat("\033[", lines_, "A\r");
    lines_ = std::count(screen.begin(), screen.end(), '\n');
    return Write(absl::StrCat(up, over, "\033[J"));
  }

  static std::string Expiry(const google::protobuf::Timestamp& time) {
    const std::string text = FormatTime(time);
    return text.empty() ? "" : absl::StrCat(",\"expires\":\"", text, "\"");
  }

  absl::Status Write(const std::string& text) {
    absl::Status status = output_.Write(text);
    return status.ok() ? output_.Flush() : status;
  }

  const std::string phone_;
  const std::string qr_file_, qr_png_, qr_svg_;
  const bool terminal_;
  const bool for_scripts_;
  OutputFile output_{""};
  int64_t lines_ = 0;  // number of lines of the code on the terminal
};

ExitCode Pair(const PairFlags& flags, Program& program) {
  const auto client = Connect(program);
  if (client == nullptr) return ExitCode::kUsage;
  v1::PairSessionRequest request;
  request.set_session(flags.name);
  request.set_phone_number(flags.phone);
  request.set_proxy(flags.proxy);
  const auto context = client->NewContext(absl::InfiniteDuration());
  const Interrupt::Handler stop(program.interrupt,
                                [&context] { context->TryCancel(); });
  const auto reader = client->sessions().PairSession(context.get(), request);
  PairingView view(flags);
  v1::PairSessionResponse event;
  absl::Status shown;
  ExitCode outcome = ExitCode::kRefused;
  while (shown.ok() && reader->Read(&event)) {
    shown = view.Show(event);
    if (event.has_paired()) outcome = ExitCode::kOk;
  }
  if (!shown.ok()) context->TryCancel();
  const absl::Status status = client::ToStatus(reader->Finish());
  if (program.interrupt.interrupted()) return ExitCode::kInterrupted;
  if (!shown.ok()) return ComplainOutput(shown);
  if (outcome != ExitCode::kOk && !status.ok()) {
    return Complain(status, *client);
  }
  return outcome;
}

}  // namespace

void AddPairCommand(CLI::App& sessions, Program& program) {
  CLI::App* command = sessions.add_subcommand(
      "pair", "Links a WhatsApp account with a QR code or a pairing code");
  auto flags = std::make_shared<PairFlags>();
  command->add_option("NAME", flags->name,
                      "Name of the new session: a-z, 0-9, -. If unset, the "
                      "server generates a name");
  CLI::Option* const phone =
      command->add_option("--phone", flags->phone,
                          "Show a pairing code to type on the phone with this "
                          "number (+4915112345678), instead of a QR code. The "
                          "code is valid for about two and a half minutes");
  command
      ->add_option("--proxy", flags->proxy,
                   "Proxy between this session and WhatsApp, during linking "
                   "and later: http://[USER:PASSWORD@]HOST:PORT or socks5://…; "
                   "direct uses no proxy. If unset, the server's proxy is used")
      ->type_name("URL");
  command
      ->add_option("--qr-file", flags->qr_file,
                   "Also write the text of each new QR code to this file")
      ->excludes(phone);
  command
      ->add_option("--qr-png", flags->qr_png,
                   "Also write each new QR code to this file, as a PNG image")
      ->excludes(phone);
  command
      ->add_option("--qr-svg", flags->qr_svg,
                   "Also write each new QR code to this file, as an SVG image")
      ->excludes(phone);
  command
      ->add_option("--format", flags->format,
                   "table: show codes to a person (default); jsonl: write one "
                   "event per line, {\"event\":\"qr_code\",\"text\":…}, "
                   "pairing_code, paired, failed")
      ->check(CLI::IsMember({"table", "jsonl"}));
  command->callback(
      [flags, &program] { program.exit_code = Pair(*flags, program); });
}

}  // namespace portrait::cli
