// actorchat log: shows, searches, verifies and exports the secure log, and changes its passphrase. All but rekey --new-key work while a node is running, and on logs
// that are larger than the memory.

using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Screens;
using ActorChat.Storage;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat;

/// <summary>The commands on a secure log.</summary>
internal sealed class LogCommand
{
    private readonly Option<string?> _state = new("--state") { Description = "The state folder with the log (default: that of --name).", HelpName = "DIR" };

    private readonly Option<string?> _name = new("--name")
    {
        Description = "Whose log: a node's name (default: the one that has a log on this machine).",
        HelpName = "NAME",
    };

    private readonly Option<string?> _verificationKeyFile = new("--verification-key-file")
    {
        Description = "A file with the verification key that was told when the log was begun. On a terminal it is asked for when left out; without it only a part is checked.",
        HelpName = "FILE",
    };

    private readonly PassphraseOptions _passphrase = new();

    /// <summary>Adds the commands to the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var log = new LogCommand();
        var command = new Command("log", "Show, search, verify or export the secure log, or change its passphrase.");
        command.Subcommands.Add(log.Show());
        command.Subcommands.Add(log.Search());
        command.Subcommands.Add(log.Verify());
        command.Subcommands.Add(log.Export());
        command.Subcommands.Add(log.Rekey());
        root.Subcommands.Add(command);
    }

    private Command Show()
    {
        var (peer, since, until, json) = (Peer(), Since(), Until(), Json());
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is logged from now on, until Ctrl+C." };
        var last = new Option<int?>("-n", "--last") { Description = "Only the last so many messages (default: all).", HelpName = "COUNT" };
        return Command("show", "Show the messages: time, direction, contact, outcome, text.", [peer, since, until, last, json, follow], async (arguments, folder, key, _) =>
        {
            var filter = new LogFilter(arguments.GetValue(peer), ParseTime(arguments.GetValue(since)), ParseTime(arguments.GetValue(until)));
            using var reader = new LogReader(folder, key);
            Action<LogRow> show = arguments.GetValue(json) ? row => WriteJson(LogJson.Members(row)) : LogTable.Write;
            if (!arguments.GetValue(json))
            {
                LogTable.WriteHead();
            }

            var (isDamaged, wereShown) = (false, false);
            var others = new HashSet<string>();
            var rows = Rows();
            foreach (var row in arguments.GetValue(last) is { } count ? rows.TakeLast(count) : rows)
            {
                show(row);
                wereShown = true;
            }

            if (!wereShown && filter.Peer is { } name && !others.Contains(name))
            {
                var meant = Spelling.Nearest(others, name) is { } near ? $"; did you mean {near}?" : "";
                Complaint.Say($"the log has nothing from or to {name}{meant}");
            }

            using var watch = arguments.GetValue(follow) ? new LogWatch(folder) : null;
            while (watch is not null)
            {
                await watch.WaitAsync(CancellationToken.None);
                foreach (var row in Rows())
                {
                    show(row);
                }
            }

            return isDamaged ? 1 : 0;

            IEnumerable<LogRow> Rows()
            {
                foreach (var row in LogRows.Join(reader.Read(pastDamage: true)))
                {
                    isDamaged |= row.Entry.Damage is not null;
                    others.Add(row.Entry.Record.PeerName);
                    if (row.Entry.Damage is not null || filter.Wants(row))
                    {
                        yield return row;
                    }
                }
            }
        });
    }

    private Command Search()
    {
        var (peer, since, until, json) = (Peer(), Since(), Until(), Json());
        var words = new Argument<string[]>("WORDS") { Description = "What the text holds: all of these, in any order. Case and accents do not matter.", Arity = ArgumentArity.OneOrMore };
        var command = Command("search", "Find messages by words, the newest first.", [peer, since, until, json], (arguments, folder, key, _) =>
        {
            var filter = new LogFilter(arguments.GetValue(peer), ParseTime(arguments.GetValue(since)), ParseTime(arguments.GetValue(until)));
            var search = new LogSearch(folder, key, arguments.GetRequiredValue(words));
            using var line = ProgressLine.ForPerson("searched");
            foreach (var row in search.Find(filter.Wants, line))
            {
                line?.Clear();
                if (arguments.GetValue(json))
                {
                    WriteJson(LogJson.Members(row));
                }
                else
                {
                    LogTable.Write(row);
                }
            }

            return Task.FromResult(search.IsDamaged ? throw new IOException("some records cannot be read and were not searched; see which with actorchat log show or verify") : 0);
        });
        command.Arguments.Add(words);
        return command;
    }

    private static Option<string?> Peer() => new("--peer") { Description = "Only messages from and to this contact (default: all).", HelpName = "NAME" };

    private static Option<string?> Since() => new("--since")
    {
        Description = "Only from this time on, in local time: 2026-11-22, 2026-11-22T21:00, or 90m, 2h, 7d ago (default: from the first).", HelpName = "TIME",
    };

    private static Option<string?> Until() => new("--until") { Description = "Only before this time, written as for --since (default: to the last).", HelpName = "TIME" };

    private static Option<bool> Json() => new("--json") { Description = "Write one JSON object per row instead of a table." };

    private Command Verify() => Command(
        "verify", "Check that nothing in the log was altered, removed, repeated, reordered or added since it was written.", [_verificationKeyFile], (arguments, folder, key, _) =>
        {
            using var verificationKey = key.VerificationKey is null ? ReadVerificationKey(arguments) : null;
            LogReport report;
            using (var line = ProgressLine.ForPerson("verified"))
            {
                report = LogVerifier.Verify(folder, key, verificationKey, line);
            }

            foreach (var finding in report.Findings)
            {
                Console.Out.WriteLine(finding);
            }

            Console.Out.WriteLine((report.IsIntact, report.IsChainChecked) switch
            {
                (true, true) => $"The log is whole: {report.Count} records, the last MAC {Convert.ToHexStringLower(report.LastMac.Span)}.",
                (true, false) => $"All {report.Count} records open with the log key and stand in their places, as far as log.head says.",
                _ => $"The log is damaged. {report.Trusted} of {report.Count} records {(report.IsChainChecked ? "can still be trusted" : "open and stand in their places")}: all that no line above names.",
            });
            if (!report.IsChainChecked)
            {
                Console.Out.WriteLine("The verification key was not given, so the MACs were not checked: whether somebody who had the log key rewrote records cannot be told. Give it with --verification-key-file.");
            }

            if (report.UnfinishedBytes > 0)
            {
                Console.Out.WriteLine($"{report.UnfinishedBytes} bytes at the end are not a record yet: a write under way, or the remains of a crash, never acknowledged.");
            }

            return Task.FromResult(report.IsIntact ? 0 : 1);
        });

    private Command Export() => Command("export", "Write every record as a line of JSON, in order, for backup.", [], (_, folder, key, _) =>
    {
        using var reader = new LogReader(folder, key);
        var isDamaged = false;
        foreach (var entry in reader.Read(pastDamage: true))
        {
            isDamaged |= entry.Damage is not null;
            WriteJson(LogJson.Members(entry));
        }

        return Task.FromResult(isDamaged ? 1 : 0);
    });

    private Command Rekey()
    {
        var newFile = new Option<string?>("--new-passphrase-file") { Description = "A file whose first line is the new passphrase. Asked for when left out.", HelpName = "FILE" };
        var none = new Option<bool>("--no-passphrase") { Description = "Take the passphrase away, so that the key file has only its mode to protect it." };
        var newKey = new Option<bool>("--new-key") { Description = "Give the log another key for what comes, which a thief of the key before does not have; the passphrase stays unless another is given." };
        var directory = new Option<string?>("--directory", "-d") { Description = "A directory file sealed under the same passphrase, to be sealed under the new one as well.", HelpName = "FILE" };
        var keyOut = VerificationKeyOut.Option("A new file for the verification key, where log.key of an earlier version still holds it; else it is shown.");
        return Command("rekey", "Change, set or take away the passphrase of the log's key, or give the log a new key. The old one still opens older copies.", [newFile, none, newKey, directory, keyOut], (arguments, folder, key, oldPassphrase) =>
        {
            var sealedDirectory = arguments.GetValue(directory);
            if (sealedDirectory is not null && arguments.GetValue(none))
            {
                throw new IOException($"a node has one passphrase for its log and its directory; open {sealedDirectory} first (actorchat directory open), then take the log's away");
            }

            var contacts = sealedDirectory is null ? null
                : DirectoryFile.IsSealed(sealedDirectory) ? DirectoryFile.Read(sealedDirectory, oldPassphrase)
                : throw new IOException($"{sealedDirectory} is not sealed; leave --directory out");
            var keepsPassphrase = arguments.GetValue(newKey) && !arguments.GetValue(none) && arguments.GetValue(newFile) is null;
            if (sealedDirectory is null && !keepsPassphrase)
            {
                Console.Out.WriteLine("A directory file that is sealed keeps its passphrase, and a node has one for both: change both with --directory FILE, or the node does not start.");
            }

            using var passphrase = keepsPassphrase ? oldPassphrase?.Copy()
                : arguments.GetValue(none) ? null
                : arguments.GetValue(newFile) is { } path ? PassphraseOptions.ReadFile(path) : Questions.AskNewSecret("New passphrase: ");
            if (key.VerificationKey is { } kept)
            {
                HandOut(kept, arguments.GetValue(keyOut)); // before log.key loses it
            }

            if (arguments.GetValue(newKey))
            {
                key.BeginEpoch(folder, passphrase);
                Console.Out.WriteLine($"From here on the log has another key, its number {key.EpochCount + 1}. The keys before stay in log.key, for what was logged under them. "
                    + "The next start derives the contacts' secrets anew and reads the log once. Whoever had the key before also had those secrets: change the passwords.");
            }
            else
            {
                key.Rekey(folder, passphrase);
            }

            if (contacts is not null)
            {
                Reseal(sealedDirectory!, contacts, passphrase!);
            }

            Console.Out.WriteLine(passphrase is null ? "The key file is protected by its mode only."
                : keepsPassphrase ? "The key file is sealed under the same passphrase as before."
                : "The key file is sealed under the new passphrase.");
            return Task.FromResult(0);
        });
    }

    private static void HandOut(VerificationKey key, string? path)
    {
        if (path is not null)
        {
            key.Save(path);
        }

        Console.Out.WriteLine("log.key held the verification key too, as earlier versions left it there; it is stored no longer. "
            + (path is null ? $"Keep it in another place: {key.ToText()}" : $"It is in {path}: keep that in another place."));
    }

    private static void Reseal(string path, byte[] contacts, Passphrase passphrase)
    {
        try
        {
            DirectoryFile.Write(path, contacts, passphrase);
            Console.Out.WriteLine($"{path} is sealed under the new passphrase.");
        }
        catch (IOException e)
        {
            throw new IOException($"log.key has the new passphrase, and the directory still the old one ({e.Message}); seal the directory under the new one too, or give the log the old one back", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(contacts);
        }
    }

    /// <summary>A command on a log, with what all of them have in common: the folder, the key, and errors in one line.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="options">Its own options.</param>
    /// <param name="run">Runs it with the command line, the log's folder, its keys and the passphrase that was given; the result is the exit code.</param>
    public Command Command(string name, string description, Option[] options, Func<ParseResult, LogFolder, LogKey, Passphrase?, Task<int>> run)
    {
        var command = new Command(name, description);
        command.Options.Add(_state);
        command.Options.Add(_name);
        _passphrase.AddTo(command);
        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (arguments, _) =>
        {
            try
            {
                var folder = new LogFolder(FindState(arguments));
                using var passphrase = _passphrase.Read(arguments);
                using var key = LogKey.Open(folder, passphrase);
                return await run(arguments, folder, key, passphrase);
            }
            catch (Exception e) when (e is SecureLogException or SealedFileException or IOException or UnauthorizedAccessException or FormatException)
            {
                Console.Error.WriteLine($"actorchat: {Printable.Line(e.Message)}");
                return 1;
            }
        });
        return command;
    }

    private string FindState(ParseResult arguments)
    {
        if (arguments.GetValue(_state) is { } path)
        {
            return path;
        }

        if (arguments.GetValue(_name) is { } name)
        {
            return StateFolder.DefaultPath(name);
        }

        var all = StateFolder.WithLogs();
        return all.Count switch
        {
            1 => all[0],
            0 => throw new IOException("there is no log on this machine yet; say which state folder with --state"),
            _ => throw new IOException($"there are {all.Count} logs ({string.Join(", ", all.Select(Path.GetFileName))}); say which with --name"),
        };
    }

    // Null where it is not given: then only a part can be checked.
    private VerificationKey? ReadVerificationKey(ParseResult arguments)
    {
        using var text = arguments.GetValue(_verificationKeyFile) is { } path ? PassphraseOptions.ReadFile(path)
            : Console.IsInputRedirected ? null
            : Questions.AskSecret("Verification key (Enter to check without it): ");
        return text is null ? null : VerificationKey.Parse(Encoding.UTF8.GetString(text.Utf8));
    }

    private static DateTimeOffset? ParseTime(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (text.Length > 1 && double.TryParse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture, out var amount) && text[^1] is 'm' or 'h' or 'd')
        {
            return DateTimeOffset.Now - (text[^1] switch { 'm' => TimeSpan.FromMinutes(amount), 'h' => TimeSpan.FromHours(amount), _ => TimeSpan.FromDays(amount) });
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time)
            ? time
            : throw new FormatException($"{text} is not a time; write 2026-11-22, 2026-11-22T21:00, or 90m, 2h, 7d for so long ago");
    }

    private static void WriteJson(Dictionary<string, object?> members) => Console.Out.WriteLine(JsonSerializer.Serialize(members));

    private sealed record LogFilter(string? Peer, DateTimeOffset? Since, DateTimeOffset? Until)
    {
        public bool Wants(LogRow row) =>
            (Peer is null || row.Entry.Record.PeerName == Peer) &&
            (Since is null || row.Entry.Record.Time >= Since) &&
            (Until is null || row.Entry.Record.Time < Until);
    }
}
