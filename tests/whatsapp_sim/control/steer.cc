#include "tests/whatsapp_sim/control/steer.h"

#include <grpcpp/grpcpp.h>

#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "core/base/proto_time.h"
#include "google/protobuf/util/json_util.h"
#include "portrait/sim/v1/simulator.grpc.pb.h"

namespace portrait::sim {
namespace {

using v1::SimulatorService;

// The values of the command line; the app's callbacks hold it.
struct Steering {
  std::string control;
  std::string phone;
  std::string text;  // a QR code, a pairing code or a stream error
  std::vector<std::string> lines;
  bool notify = false;
  std::string latency = "0s";
  std::string jitter = "0s";
  v1::SetFaultsRequest faults;
  uint32_t count = 1;
  uint32_t reason = 0;
  std::unique_ptr<SimulatorService::Stub> stub;
};

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << "whatsapp-sim steer: " << what << "\n";
  throw CLI::RuntimeError(1);
}

void Print(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  std::cout << json << "\n";
}

// Calls one method of the control service.
template <typename Method, typename Request, typename Response>
void Call(const Steering& steering, Method method, const Request& request,
          Response* response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(30));
  const grpc::Status status =
      (steering.stub.get()->*method)(&context, request, response);
  if (!status.ok()) Fail(absl::StrCat(status.error_message()));
}

// The arguments; "-" stands for the lines of standard input.
std::vector<std::string> Lines(const std::vector<std::string>& arguments) {
  if (arguments != std::vector<std::string>{"-"}) return arguments;
  std::vector<std::string> lines;
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

void ScanQrCode(const Steering& steering) {
  v1::ScanQrCodeRequest request;
  request.set_phone_number(steering.phone);
  std::string text = steering.text;
  if (text == "-") std::getline(std::cin, text);
  request.set_qr_text(text);
  v1::ScanQrCodeResponse response;
  Call(steering, &SimulatorService::Stub::ScanQrCode, request, &response);
  Print(response);
}

void EnterPairingCode(const Steering& steering) {
  v1::EnterPairingCodeRequest request;
  request.set_phone_number(steering.phone);
  request.set_code(steering.text);
  v1::EnterPairingCodeResponse response;
  Call(steering, &SimulatorService::Stub::EnterPairingCode, request, &response);
  Print(response);
}

v1::Account GetAccount(const Steering& steering, const std::string& phone) {
  v1::GetAccountRequest request;
  request.set_phone_number(phone);
  v1::GetAccountResponse response;
  Call(steering, &SimulatorService::Stub::GetAccount, request, &response);
  return response.account();
}

void GetAccounts(const Steering& steering) {
  for (const std::string& phone : Lines(steering.lines)) {
    Print(GetAccount(steering, phone));
  }
}

// Applies `change` ("picture=ID", "no-picture", "hide", "show", "gate",
// "ungate", "register", "unregister") to `account`.
void Change(absl::string_view change, v1::Account* account) {
  if (absl::ConsumePrefix(&change, "picture=")) {
    account->set_picture_id(std::string(change));
  } else if (change == "no-picture") {
    account->clear_picture_id();
  } else if (change == "hide" || change == "show") {
    account->set_picture_hidden(change == "hide");
  } else if (change == "gate" || change == "ungate") {
    account->set_picture_needs_token(change == "gate");
  } else if (change == "register" || change == "unregister") {
    account->set_registered(change == "register");
  } else {
    Fail(absl::StrCat(
        "'", change,
        "' is not a change; expected picture=ID, no-picture, hide, "
        "show, gate, ungate, register or unregister"));
  }
}

// Reads lines of the form "PHONE CHANGE…".
void SetAccounts(const Steering& steering) {
  const std::vector<std::string> lines =
      steering.phone.empty()
          ? Lines(steering.lines)
          : std::vector<std::string>{absl::StrCat(
                steering.phone, " ", absl::StrJoin(steering.lines, " "))};
  for (const std::string& line : lines) {
    const std::vector<std::string> words =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    v1::SetAccountRequest request;
    request.set_notify(steering.notify);
    *request.mutable_account() = GetAccount(steering, words.front());
    for (size_t i = 1; i < words.size(); ++i) {
      Change(words[i], request.mutable_account());
    }
    v1::SetAccountResponse response;
    Call(steering, &SimulatorService::Stub::SetAccount, request, &response);
    Print(response.account());
  }
}

google::protobuf::Duration ParseDuration(const std::string& text) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) {
    Fail(absl::StrCat("'", text, "' is not a duration; expected e.g. 20ms"));
  }
  return ToProto(duration);
}

void SetFaults(Steering& steering) {
  *steering.faults.mutable_latency() = ParseDuration(steering.latency);
  *steering.faults.mutable_latency_jitter() = ParseDuration(steering.jitter);
  v1::SetFaultsResponse response;
  Call(steering, &SimulatorService::Stub::SetFaults, steering.faults,
       &response);
}

void ChangeNumber(const Steering& steering) {
  v1::ChangeNumberRequest request;
  request.set_phone_number(steering.phone);
  request.set_new_phone_number(steering.text);
  request.set_notify(steering.notify);
  v1::ChangeNumberResponse response;
  Call(steering, &SimulatorService::Stub::ChangeNumber, request, &response);
  Print(response.account());
}

void GivePrivacyToken(const Steering& steering) {
  v1::GivePrivacyTokenRequest request;
  request.set_phone_number(steering.phone);
  request.set_to_phone_number(steering.text);
  v1::GivePrivacyTokenResponse response;
  Call(steering, &SimulatorService::Stub::GivePrivacyToken, request, &response);
}

void TellOfContact(const Steering& steering) {
  v1::TellOfContactRequest request;
  request.set_phone_number(steering.phone);
  request.set_form(steering.text);
  v1::TellOfContactResponse response;
  Call(steering, &SimulatorService::Stub::TellOfContact, request, &response);
}

void Disconnect(const Steering& steering) {
  v1::DisconnectRequest request;
  request.set_phone_number(steering.phone);
  request.set_stream_error(steering.text);
  v1::DisconnectResponse response;
  Call(steering, &SimulatorService::Stub::Disconnect, request, &response);
  Print(response);
}

void UnlinkDevice(const Steering& steering) {
  v1::UnlinkDeviceRequest request;
  request.set_phone_number(steering.phone);
  v1::UnlinkDeviceResponse response;
  Call(steering, &SimulatorService::Stub::UnlinkDevice, request, &response);
}

void RotateServerKey(const Steering& steering) {
  v1::RotateServerKeyResponse response;
  Call(steering, &SimulatorService::Stub::RotateServerKey,
       v1::RotateServerKeyRequest(), &response);
}

void RefuseLogins(Steering& steering) {
  v1::RefuseLoginsRequest request;
  request.set_phone_number(steering.phone);
  request.set_count(steering.count);
  request.set_reason(steering.reason);
  if (!steering.text.empty()) {
    *request.mutable_expire() = ParseDuration(steering.text);
  }
  v1::RefuseLoginsResponse response;
  Call(steering, &SimulatorService::Stub::RefuseLogins, request, &response);
}

void DeliverStanzas(Steering& steering) {
  v1::DeliverStanzasRequest request;
  request.set_phone_number(steering.phone);
  request.set_count(steering.count);
  request.set_tag(steering.text);
  v1::DeliverStanzasResponse response;
  Call(steering, &SimulatorService::Stub::DeliverStanzas, request, &response);
}

void TakePrekeys(Steering& steering) {
  v1::TakePrekeysRequest request;
  request.set_phone_number(steering.phone);
  request.set_count(steering.count);
  v1::TakePrekeysResponse response;
  Call(steering, &SimulatorService::Stub::TakePrekeys, request, &response);
  Print(response);
}

void GetStats(const Steering& steering) {
  v1::GetStatsResponse response;
  Call(steering, &SimulatorService::Stub::GetStats, v1::GetStatsRequest(),
       &response);
  Print(response);
}

// Adds a command of `steer` that calls `run` with a connected control service.
CLI::App* AddCommand(CLI::App* steer, const std::string& name,
                     const std::string& help,
                     const std::shared_ptr<Steering>& steering,
                     std::function<void(Steering&)> run) {
  CLI::App* command = steer->add_subcommand(name, help);
  command->callback([steering, run] {
    steering->stub = SimulatorService::NewStub(grpc::CreateChannel(
        steering->control, grpc::InsecureChannelCredentials()));
    run(*steering);
    throw CLI::RuntimeError(0);
  });
  return command;
}

void AddFaults(CLI::App* steer, const std::shared_ptr<Steering>& steering) {
  CLI::App* faults = AddCommand(
      steer, "faults",
      "Set the faults of later answers; without options, turn faults off",
      steering, SetFaults);
  faults->add_option("--latency", steering->latency, "Delay of each answer");
  faults->add_option("--jitter", steering->jitter,
                     "Maximum random delay in addition, uniformly distributed");
  const auto number = [&](const char* name, const char* help,
                          void (v1::SetFaultsRequest::*set)(double)) {
    faults->add_option_function<double>(
        name, [steering, set](double value) { (steering->faults.*set)(value); },
        help);
  };
  number("--rate-limit",
         "Queries per second and session above which the answer is 429; 0: no "
         "limit",
         &v1::SetFaultsRequest::set_rate_limit_per_session);
  number("--drop", "Probability that a query gets no answer",
         &v1::SetFaultsRequest::set_drop_probability);
  number("--error", "Probability that a query is answered with 500",
         &v1::SetFaultsRequest::set_error_probability);
  number("--disconnect", "Probability that a query ends the connection",
         &v1::SetFaultsRequest::set_disconnect_probability);
  number("--malformed", "Probability that an answer is malformed",
         &v1::SetFaultsRequest::set_malformed_probability);
}

// Adds the commands for the sessions of an account.
void AddSessions(CLI::App* steer, const std::shared_ptr<Steering>& steering) {
  const auto add = [&](const char* name, const char* help, auto run) {
    CLI::App* command = AddCommand(steer, name, help, steering, run);
    command
        ->add_option("--phone", steering->phone,
                     "Phone number of the account (E.164)")
        ->required();
    command->add_option("--count", steering->count,
                        "Number of logins, stanzas or prekeys");
    return command;
  };
  CLI::App* refuse = add("refuse-logins",
                         "Refuse the next logins of the account", RefuseLogins);
  refuse
      ->add_option("--reason", steering->reason, "Reason code: 402, 403, 405 …")
      ->required();
  refuse->add_option("--expire", steering->text,
                     "Time after which a temporary ban ends");
  CLI::App* deliver =
      add("deliver", "Deliver stanzas that the client must acknowledge",
          DeliverStanzas);
  deliver
      ->add_option("tag", steering->text,
                   "Kind of stanza: message, receipt or call")
      ->required();
  add("take-prekeys", "Let other devices take one-time prekeys of the account",
      TakePrekeys);
}

// Adds the commands that cause notifications about an account.
void AddNews(CLI::App* steer, const std::shared_ptr<Steering>& steering) {
  const auto add = [&](const char* name, const char* help, const char* what,
                       const char* what_help, auto run) {
    CLI::App* command = AddCommand(steer, name, help, steering, run);
    command
        ->add_option("--phone", steering->phone,
                     "Phone number of the account (E.164)")
        ->required();
    command->add_option(what, steering->text, what_help)->required();
    return command;
  };
  add("number", "Change the phone number of an account", "new",
      "New phone number", ChangeNumber)
      ->add_flag("--notify", steering->notify,
                 "Notify companions that asked about it");
  add("token", "Give the privacy token of an account to another account", "to",
      "Phone number of the account that gets the token", GivePrivacyToken);
  add("tell", "Notify companions that asked about an account", "form",
      "update, update-hash, picture-hash, picture-removed, picture-empty, "
      "picture-request, devices or account-sync",
      TellOfContact);
}

}  // namespace

void AddSteerCommand(CLI::App& app) {
  auto steering = std::make_shared<Steering>();
  CLI::App* steer = app.add_subcommand(
      "steer", "Control a running simulator through its control address");
  steer->require_subcommand(1);
  steer
      ->add_option("--control", steering->control,
                   "Control address of the simulator, HOST:PORT")
      ->required();

  CLI::App* scan =
      AddCommand(steer, "scan", "Scan a QR code with a simulated phone",
                 steering, ScanQrCode);
  scan->add_option("--phone", steering->phone,
                   "Phone number of the phone (E.164)")
      ->required();
  scan->add_option("qr", steering->text,
                   "Text of the QR code; - reads a line of standard input")
      ->required();

  CLI::App* enter =
      AddCommand(steer, "enter", "Type a pairing code on a simulated phone",
                 steering, EnterPairingCode);
  enter
      ->add_option("--phone", steering->phone,
                   "Phone number of the phone (E.164)")
      ->required();
  enter->add_option("code", steering->text, "ABCD-EFGH")->required();

  CLI::App* get = AddCommand(steer, "get", "Print accounts, one JSON line each",
                             steering, GetAccounts);
  get->add_option("phone", steering->lines,
                  "Phone numbers (E.164); - reads lines of standard input")
      ->required();

  CLI::App* set =
      AddCommand(steer, "set",
                 "Change accounts: picture=ID, no-picture, hide, show, gate "
                 "(the picture is shown only to accounts with a privacy "
                 "token), ungate, register, unregister",
                 steering, SetAccounts);
  set->add_option("--phone", steering->phone,
                  "Phone number of the account (E.164)");
  set->add_option(
         "change", steering->lines,
         "Changes; - reads lines of standard input of the form PHONE CHANGE…")
      ->required();
  set->add_flag("--notify", steering->notify,
                "Notify companions that asked about it");

  AddFaults(steer, steering);

  AddNews(steer, steering);

  CLI::App* disconnect = AddCommand(steer, "disconnect", "Close connections",
                                    steering, Disconnect);
  disconnect->add_option("--phone", steering->phone,
                         "Phone number of the account; if unset, all accounts");
  disconnect->add_option(
      "--stream-error", steering->text,
      "Stream error to send first: 503, 515, conflict …; if unset, none");

  CLI::App* unlink = AddCommand(
      steer, "unlink", "Unlink the companions of an account, as on its phone",
      steering, UnlinkDevice);
  unlink
      ->add_option("--phone", steering->phone,
                   "Phone number of the account (E.164)")
      ->required();

  AddCommand(steer, "rotate-key", "Use a new Noise key in later handshakes",
             steering, RotateServerKey);

  AddSessions(steer, steering);
  AddCommand(steer, "stats", "Print the counters of all events as JSON",
             steering, GetStats);
}

}  // namespace portrait::sim
