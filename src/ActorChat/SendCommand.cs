// actorchat send: one message from a script. Where a node of the same name is running, it goes through that node, so that there is one
// writer of the log; where none is, this process is the node for as long as the message takes.

using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ActorChat.Node;
using ActorChat.Node.Control;
using Serilog;

namespace ActorChat;

/// <summary>The command that sends one message.</summary>
internal static class SendCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "send";

    /// <summary>The text that stands for standard input.</summary>
    private const string StandardInput = "-";

    // How long another process may have the state folder before it has its socket, or is done with its own message.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly Argument<string[]> Text = new("TEXT")
    {
        Description = "The message, in quotes; behind -- it may begin with a dash. Left out, or -, it is all of standard input, without the line end at its end.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> Json = new(RunCommand.Json) { Description = "Write the outcomes to standard output, and errors too, as run --json does." };

    private static readonly Option<TimeSpan?> Wait = new("--wait")
    {
        Description = "Where no node is running: keep trying so long while a contact is away, in place of --timeout; such as 30s, 10m, 2h.",
        HelpName = "DURATION",
        CustomParser = ContactCommand.ReadDuration,
    };

    private static readonly Option<string?> Reference = new("--ref") { Description = "What comes back as ref in what --json writes.", HelpName = "TEXT" };

    /// <summary>Adds the command to the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var command = new Command(Name, "Send one message and wait for its outcome, quiet but for errors. It goes through the running node of the same name, where there is one. Of several recipients the highest exit code counts.");
        command.Arguments.Add(Text);
        var newLog = NewLog.Option();
        var verificationKeyOut = VerificationKeyOut.OptionForNewLog();
        var contact = new ContactCommand(isMany: true);
        contact.AddTo(command, async (arguments, call) =>
        {
            Log.Logger = Serilog.Core.Logger.None;
            if (call.IsDefaultState)
            {
                NewLog.Check(call.OwnName, () => call.IsListed, arguments.GetValue(newLog), arguments.GetValue(Json));
            }

            var text = await TextAsync(contact.Words(arguments), call);
            if (arguments.GetValue(Wait) is { } wait)
            {
                call = call.Recipients.All(recipient => recipient.ContactName is not null)
                    ? call with { Timeout = wait, Waits = true }
                    : throw new SettingsException("--wait goes with a contact of the directory; a message to an address typed by hand does not wait");
            }

            var reports = await DeliverAsync(call, text, (node, timeout) => OneShot.RunAsync(
                node with { VerificationKeyPath = arguments.GetValue(verificationKeyOut), IsProgram = arguments.GetValue(Json) }, timeout, call.Settings, call.Config), TimeProvider.System);
            foreach (var report in reports)
            {
                Show(report, arguments, isOneOfMany: reports.Count > 1);
            }

            return reports.Max(report => report.ExitCode);
        });
        command.Options.Add(newLog);
        command.Options.Add(Wait);
        command.Options.Add(verificationKeyOut);
        command.Options.Add(Json);
        command.Options.Add(Reference);
        root.Subcommands.Add(command);
    }

    /// <summary>The reference that the user gave, if any.</summary>
    public static string? ReferenceOf(ParseResult arguments) => arguments.GetResult(Reference)?.Tokens is [var token, ..] ? token.Value : null;

    /// <summary>Sends the message, through the node that runs or as one, within the time that the user gives it.</summary>
    /// <param name="call">To whom.</param>
    /// <param name="text">The message.</param>
    /// <param name="oneShot">Runs a node for one message, within a time.</param>
    /// <param name="clock">The clock.</param>
    /// <returns>What became of it, for each recipient.</returns>
    /// <exception cref="SettingsException">It could not be tried; nothing was sent.</exception>
    internal static async Task<IReadOnlyList<Report>> DeliverAsync(ContactCommand.Call call, string text, Func<NodeOptions, TimeSpan, Task<OneShot.Result>> oneShot, TimeProvider clock)
    {
        var start = clock.GetTimestamp();
        using var patience = new CancellationTokenSource(call.Timeout, clock);
        try
        {
            while (true)
            {
                if (await ControlClient.TryConnectAsync(call.StatePath, patience.Token) is { } node)
                {
                    await using (node)
                    {
                        return await SubmitAsync(node, call, text, patience.Token);
                    }
                }

                var left = call.Timeout - clock.GetElapsedTime(start);
                var result = await oneShot(
                    call.NodeFor(recipient => new OutboxActor.SendTo(recipient, text, call.Waits ? call.Timeout : TimeSpan.Zero)), left > Pause ? left : Pause);
                if (result.Notice is { } notice)
                {
                    Complaint.Say(notice);
                }

                if (result.Problem is not { } problem)
                {
                    Report[] reports = [.. result.Sent.Select(e => new Report(e.To, e.Outcome, call.InWords(e.Failure), e.Id.ToString(), e.PeerName))];
                    return WithRest(call, reports, Outcome.NotDelivered, call.TimeIsOver);
                }

                if (!problem.IsInUse || patience.IsCancellationRequested)
                {
                    throw new SettingsException(problem.Message);
                }

                await Task.Delay(Pause, clock);
            }
        }
        catch (OperationCanceledException)
        {
            return WithRest(call, [], Outcome.NotDelivered, call.TimeIsOver); // the running node has not even been told
        }
    }

    private static IReadOnlyList<Report> WithRest(ContactCommand.Call call, IReadOnlyList<Report> reports, Outcome outcome, string reason) =>
        [.. reports, .. call.Recipients.Select(recipient => recipient.Label).Except(reports.Select(report => report.To)).Select(label => new Report(label, outcome, reason))];

    private static async Task<string> TextAsync(IReadOnlyList<string> words, ContactCommand.Call call)
    {
        var text = words is [] or [StandardInput] ? await ReadInputAsync(call.Settings.MaxPduSize) : words[0];
        return text.Length == 0 ? throw new SettingsException("there is nothing to send; give the text as an argument or on standard input")
            : text.Contains('\ufffd', StringComparison.Ordinal) ? throw new SettingsException("the text is not UTF-8, or holds the character U+FFFD that stands for what is not; send it as UTF-8")
            : text;
    }

    private static async Task<string> ReadInputAsync(int limit)
    {
        using var input = Console.OpenStandardInput();
        var bytes = new byte[limit + 1];
        var size = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false);
        if (size > limit)
        {
            throw new SettingsException($"the text is longer than a message may be ({limit} bytes); send it in parts, or raise conversation.max-pdu-size on both sides");
        }

        var utf8 = bytes.AsSpan(0, size);
        utf8 = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        utf8 = utf8.EndsWith("\r\n"u8) ? utf8[..^2] : utf8.EndsWith("\n"u8) ? utf8[..^1] : utf8;
        return Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : throw new SettingsException("standard input is not UTF-8; convert the text first, for example with iconv");
    }

    // For recipients about whom the node has not answered when it ends, or when the time is over, the outcome is unknown.
    private static async Task<IReadOnlyList<Report>> SubmitAsync(Stream node, ContactCommand.Call call, string text, CancellationToken patience)
    {
        var first = call.Recipients[0];
        object to = first.ExpectedName is null ? new { address = first.Address, password = first.TypedPassword } : call.Recipients.Select(recipient => recipient.Label);
        var reports = new List<Report>();
        var reason = "the running node ended; its log says what became of it";
        try
        {
            await foreach (var answer in ControlClient.SubmitAsync(node, JsonSerializer.Serialize(new { to, text }), patience))
            {
                reports.Add(answer.GetProperty("event").GetString() switch
                {
                    "sent" => new Report(
                        answer.GetProperty("to").GetString()!,
                        OutcomeOf(answer.GetProperty("outcome").GetString()!),
                        answer.GetProperty("reason").GetString(),
                        answer.GetProperty("id").GetString(),
                        answer.TryGetProperty("name", out var name) ? name.GetString() : null),
                    "waiting" => new Report(
                        answer.GetProperty("to").GetString()!, Outcome: null, answer.GetProperty("reason").GetString(), answer.GetProperty("id").GetString())
                    {
                        Until = answer.GetProperty("until").GetString(),
                    },
                    _ => throw new SettingsException(answer.GetProperty("message").GetString()!),
                });
            }
        }
        catch (OperationCanceledException)
        {
            reason = $"{call.TimeIsOver}; the running node goes on with it";
        }

        return WithRest(call, reports, Outcome.Unknown, reason);
    }

    private static Outcome OutcomeOf(string word) => Enum.GetValues<Outcome>().Single(outcome => outcome.Word() == word);

    private static void Show(Report report, ParseResult arguments, bool isOneOfMany)
    {
        if (arguments.GetValue(Json))
        {
            Console.Out.WriteLine(report.ToJson(ReferenceOf(arguments)));
        }
        else if (report.Outcome != Outcome.Delivered)
        {
            Complaint.Say(report.InWords());
        }
        else if (isOneOfMany)
        {
            Console.Out.WriteLine(Printable.Line(report.InWords()));
        }
    }

    /// <summary>What became of the message to one recipient.</summary>
    /// <param name="To">The recipient's name or address.</param>
    /// <param name="Outcome">What is certain; null where the message waits.</param>
    /// <param name="Reason">Why, unless it was delivered.</param>
    /// <param name="Id">The message's id; null where the node has not told it.</param>
    /// <param name="Name">Who answered at an address.</param>
    internal sealed record Report(string To, Outcome? Outcome, string? Reason, string? Id = null, string? Name = null)
    {
        private const int ItWaits = 6;

        /// <summary>Until when it waits, as the node has said it.</summary>
        public string? Until { get; init; }

        /// <summary>The exit code for this recipient.</summary>
        public int ExitCode => Outcome is { } outcome ? ContactCommand.ExitCode(outcome) : ItWaits;

        /// <summary>One line for a person.</summary>
        public string InWords() => $"{To}: " + Outcome switch
        {
            null => $"not delivered yet: {Reason}. The message waits, and the running node goes on trying",
            Node.Outcome.Delivered => Node.Outcome.Delivered.InWords(),
            Node.Outcome.Expired => $"not delivered in time: {Reason}",
            Node.Outcome.Unknown => Outcomes.UnknownInWords(Reason),
            { } outcome => $"{outcome.InWords()}: {Reason}",
        };

        /// <summary>The event <c>sent</c>, or <c>waiting</c>, as a node with <c>--json</c> writes it.</summary>
        public string ToJson(string? reference)
        {
            var members = new Dictionary<string, object?> { ["event"] = Outcome is null ? "waiting" : "sent", ["to"] = To, ["ref"] = reference, ["id"] = Id };
            if (Outcome is { } outcome)
            {
                members["outcome"] = outcome.Word();
            }

            members["reason"] = Reason;
            if (Outcome is null)
            {
                members["until"] = Until;
            }

            if (Name is not null)
            {
                members["name"] = Name;
            }

            return JsonSerializer.Serialize(members);
        }
    }
}
