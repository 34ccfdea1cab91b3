// Every setting of a node in one validated record. A wrong or unknown setting stops the start, with a message that says what is allowed:
// a misspelled limit that silently kept its default would be worse than no limit.

using System.Globalization;
using System.Text.RegularExpressions;
using ActorChat.Node.Limits;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.SecureLog;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace ActorChat.Node;

/// <summary>A setting is missing, wrong or unknown. The message names its path, its value and what is allowed.</summary>
public sealed class SettingsException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and what is allowed.</param>
    /// <param name="setting">The path of the setting that is wrong, if it is one.</param>
    public SettingsException(string message, string? setting = null)
        : base(message) => Setting = setting;

    /// <summary>Makes the exception with its cause.</summary>
    public SettingsException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>The path of the setting that is wrong; null when it is not about one.</summary>
    public string? Setting { get; }
}

/// <summary>How much is written to a diagnostic log.</summary>
public enum LogThreshold
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>Failures of this node.</summary>
    Error,

    /// <summary>Also conversations that were refused.</summary>
    Warning,

    /// <summary>Also what the node does.</summary>
    Info,

    /// <summary>Also each step of each conversation.</summary>
    Debug,
}

/// <summary>The settings under <c>actorchat</c> in hocon/actorchat.conf, which explains each.</summary>
public sealed partial record NodeSettings
{
    private const string Root = "actorchat";

    // More than any settings file needs; a device that never ends must not fill the memory.
    private const int MaxFileSize = 1 << 20;

    // The other PDUs of a conversation, which may wait to be sent before the longest text.
    private const int RoomBesideAText = 2 << 10;

    /// <summary><c>start</c>: what the command line leaves out.</summary>
    public required StartSettings Start { get; init; }

    /// <summary><c>listen.address</c>: <c>any</c> or an IP address.</summary>
    public required string ListenAddress { get; init; }

    /// <summary><c>listen.backlog</c>.</summary>
    public required int Backlog { get; init; }

    /// <summary><c>listen</c>: how many connections, in all and of one address.</summary>
    public required ConnectionLimits Connections { get; init; }

    /// <summary><c>conversation.handshake-deadline</c>.</summary>
    public required TimeSpan HandshakeDeadline { get; init; }

    /// <summary><c>conversation.connect-timeout</c>, for each address of a host but the last.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary><c>conversation.text-deadline</c>.</summary>
    public required TimeSpan TextDeadline { get; init; }

    /// <summary><c>conversation.closing-deadline</c>.</summary>
    public required TimeSpan ClosingDeadline { get; init; }

    /// <summary><c>conversation.pdu-deadline</c>.</summary>
    public required TimeSpan PduDeadline { get; init; }

    /// <summary><c>conversation.max-ignored-pdus</c>.</summary>
    public required int MaxIgnoredPdus { get; init; }

    /// <summary><c>conversation.max-waiting-to-send</c>, in bytes.</summary>
    public required int MaxWaitingToSend { get; init; }

    /// <summary><c>conversation.max-pdu-size-before-authentication</c>, in bytes.</summary>
    public required int MaxPduSizeBeforeAuthentication { get; init; }

    /// <summary><c>conversation.max-pdu-size</c>, in bytes.</summary>
    public required int MaxPduSize { get; init; }

    /// <summary><c>conversation.send-steps-together</c>.</summary>
    public required bool SendStepsTogether { get; init; }

    /// <summary><c>conversation.post-quantum</c>; an entry of the directory may ask for more.</summary>
    public required PostQuantum PostQuantum { get; init; }

    /// <summary><c>conversation.pad-texts</c>.</summary>
    public required bool PadsTexts { get; init; }

    /// <summary><c>texts.per-conversation</c>.</summary>
    public required int TextsPerConversation { get; init; }

    /// <summary><c>texts.per-minute</c>.</summary>
    public required int TextsPerMinute { get; init; }

    /// <summary><c>texts.remembered</c>.</summary>
    public required int RememberedTextRates { get; init; }

    /// <summary><c>texts.max-wait</c>.</summary>
    public required TimeSpan MaxTextWait { get; init; }

    /// <summary><c>inbox.on-message</c>: a command that <see cref="CommandWords"/> can split; empty for none.</summary>
    public required string OnMessage { get; init; }

    /// <summary><c>inbox.on-message-at-once</c>.</summary>
    public required int OnMessageAtOnce { get; init; }

    /// <summary><c>inbox.on-message-waiting</c>.</summary>
    public required int OnMessageWaiting { get; init; }

    /// <summary><c>inbox.on-message-deadline</c>.</summary>
    public required TimeSpan OnMessageDeadline { get; init; }

    /// <summary><c>guesses</c>: when a wrong password makes the next one wait.</summary>
    public required GuessLimits Guesses { get; init; }

    /// <summary><c>directory.max-size</c>, in bytes.</summary>
    public required int MaxDirectorySize { get; init; }

    /// <summary><c>directory.settle-time</c>.</summary>
    public required TimeSpan DirectorySettleTime { get; init; }

    /// <summary><c>directory.check-interval</c>.</summary>
    public required TimeSpan DirectoryCheckInterval { get; init; }

    /// <summary><c>directory.resolve-interval</c>.</summary>
    public required TimeSpan ResolveInterval { get; init; }

    /// <summary><c>directory.resolve-deadline</c>.</summary>
    public required TimeSpan ResolveDeadline { get; init; }

    /// <summary><c>keys.turn</c>, in derivations.</summary>
    public required int KeyTurn { get; init; }

    /// <summary><c>keys.max-waiting</c>.</summary>
    public required int MaxWaitingForKeys { get; init; }

    /// <summary><c>keys.write-interval</c>.</summary>
    public required TimeSpan SecretsWriteInterval { get; init; }

    /// <summary><c>keys.max-secrets</c>.</summary>
    public required int MaxSecrets { get; init; }

    /// <summary><c>outbox.max-conversations</c>.</summary>
    public required int MaxOutgoingConversations { get; init; }

    /// <summary><c>outbox.max-waiting</c>.</summary>
    public required int MaxWaitingMessages { get; init; }

    /// <summary><c>outbox.keep</c>; zero for not at all.</summary>
    public required TimeSpan KeepMessages { get; init; }

    /// <summary><c>outbox.max-kept</c>.</summary>
    public required int MaxKeptMessages { get; init; }

    /// <summary><c>outbox</c>: when what waits is tried again.</summary>
    public required RetryLimits Retries { get; init; }

    /// <summary><c>presence.announce</c>.</summary>
    public required bool AnnouncesPresence { get; init; }

    /// <summary><c>secure-log</c>: the segments' size.</summary>
    public required LogOptions SecureLog { get; init; }

    /// <summary><c>secure-log.max-search</c>.</summary>
    public required TimeSpan MaxSearchTime { get; init; }

    /// <summary><c>secure-log.max-waiting</c>.</summary>
    public required int MaxWaitingRecords { get; init; }

    /// <summary><c>secure-log.max-delay</c>.</summary>
    public required TimeSpan MaxRecordDelay { get; init; }

    /// <summary><c>console.messages-at-start</c>.</summary>
    public required int RecalledAtStart { get; init; }

    /// <summary><c>console.keep-input</c>.</summary>
    public required bool KeepsInput { get; init; }

    /// <summary><c>stop-deadline</c>.</summary>
    public required TimeSpan StopDeadline { get; init; }

    /// <summary><c>log.console-level</c>.</summary>
    public required LogThreshold ConsoleLog { get; init; }

    /// <summary><c>log.file</c>; empty for none.</summary>
    public required string LogFile { get; init; }

    /// <summary><c>log.file-level</c>.</summary>
    public required LogThreshold FileLog { get; init; }

    /// <summary><c>log.max-peer-lines</c>, a second.</summary>
    public required int MaxPeerLines { get; init; }

    /// <summary>Reads the user's file, if any, and every setting.</summary>
    /// <param name="path">The file; null for the built-in configuration alone.</param>
    /// <exception cref="SettingsException">The file cannot be read or is not HOCON, or a setting is wrong; the message begins with file and line.</exception>
    public static (Config Config, NodeSettings Settings) Load(string? path)
    {
        var text = path is null ? null : ReadFile(path);
        try
        {
            var config = LoadConfig(text);
            return (config, Read(config));
        }
        catch (SettingsException e) when (path is not null)
        {
            var line = e.Setting is { } setting && HoconSyntax.LineOf(text!, setting) is { } found ? $", line {found}" : "";
            throw new SettingsException($"{path}{line}: {e.Message}", e);
        }
    }

    /// <summary>The built-in configuration with the user's file, if any, laid over it.</summary>
    /// <param name="overrides">HOCON text, or null.</param>
    /// <exception cref="SettingsException">The text is not HOCON.</exception>
    public static Config LoadConfig(string? overrides = null)
    {
        using var stream = typeof(NodeSettings).Assembly.GetManifestResourceStream("actorchat.conf")!;
        using var reader = new StreamReader(stream);
        var defaults = ConfigurationFactory.ParseString(reader.ReadToEnd());
        if (string.IsNullOrWhiteSpace(overrides))
        {
            return defaults;
        }

        if (HoconSyntax.ProblemWith(overrides) is { } problem)
        {
            throw new SettingsException($"The configuration file is not HOCON: {problem}");
        }

        try
        {
            return ConfigurationFactory.ParseString(overrides).WithFallback(defaults);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The parser has no exception type of its own.
            throw new SettingsException("The configuration file is not HOCON: " + e.Message, e);
        }
    }

    /// <summary>Reads and checks every setting.</summary>
    /// <exception cref="SettingsException">One is missing, wrong or unknown.</exception>
    public static NodeSettings Read(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var reader = new Reader(config);
        var settings = new NodeSettings
        {
            Start = new StartSettings(
                Name: reader.OptionalName("start.name"),
                Port: reader.Number("start.port", 0, 65_535),
                Address: reader.OptionalHostPort("start.address"),
                Directory: reader.Text("start.directory"),
                State: reader.Text("start.state")),
            ListenAddress = reader.Address("listen.address"),
            Backlog = reader.Number("listen.backlog", 1, 65_535),
            Connections = new ConnectionLimits(
                Max: reader.Number("listen.max-connections", 1, 1_000_000),
                MaxPerAddress: reader.Number("listen.max-connections-per-address", 1, 1_000_000),
                MaxPerContact: reader.Number("listen.max-connections-per-contact", 1, 1_000_000),
                MaxUnauthenticated: reader.Number("listen.max-unauthenticated", 1, 1_000_000),
                MaxUnauthenticatedPerAddress: reader.Number("listen.max-unauthenticated-per-address", 1, 1_000_000),
                HandshakesPerSecond: reader.Number("listen.handshakes-per-second", 1, 1_000_000),
                HandshakeBurst: reader.Number("listen.handshake-burst", 1, 1_000_000),
                HandshakesPerSecondPerAddress: reader.Number("listen.handshakes-per-second-per-address", 1, 1_000_000),
                HandshakeBurstPerAddress: reader.Number("listen.handshake-burst-per-address", 1, 1_000_000),
                RememberedAddresses: reader.Number("listen.remembered-addresses", 1, 1_000_000)),
            HandshakeDeadline = reader.Duration("conversation.handshake-deadline"),
            ConnectTimeout = reader.Duration("conversation.connect-timeout"),
            TextDeadline = reader.Duration("conversation.text-deadline"),
            ClosingDeadline = reader.Duration("conversation.closing-deadline"),
            PduDeadline = reader.Duration("conversation.pdu-deadline"),
            MaxIgnoredPdus = reader.Number("conversation.max-ignored-pdus", 1, 1_000_000),
            MaxWaitingToSend = reader.Size("conversation.max-waiting-to-send", 4 << 10, 64 << 20),
            MaxPduSizeBeforeAuthentication = reader.Size("conversation.max-pdu-size-before-authentication", 4 << 10, 16 << 20),
            MaxPduSize = reader.Size("conversation.max-pdu-size", 2 << 10, 16 << 20),
            SendStepsTogether = reader.Word("conversation.send-steps-together", "on", "off") == "on",
            PostQuantum = Enum.Parse<PostQuantum>(reader.Word("conversation.post-quantum", "off", "on", "required"), ignoreCase: true),
            PadsTexts = reader.Word("conversation.pad-texts", "on", "off") == "on",
            TextsPerConversation = reader.Number("texts.per-conversation", 1, 1000),
            TextsPerMinute = reader.Number("texts.per-minute", 1, 1_000_000),
            RememberedTextRates = reader.Number("texts.remembered", 1, 1_000_000),
            MaxTextWait = reader.Duration("texts.max-wait"),
            OnMessage = reader.Command("inbox.on-message"),
            OnMessageAtOnce = reader.Number("inbox.on-message-at-once", 1, 1000),
            OnMessageWaiting = reader.Number("inbox.on-message-waiting", 0, 10_000),
            OnMessageDeadline = reader.Duration("inbox.on-message-deadline"),
            Guesses = new GuessLimits(
                Free: reader.Number("guesses.free", 1, 1_000_000),
                ForgetAfter: reader.Duration("guesses.forget-after"),
                MaxWait: reader.Duration("guesses.max-wait"),
                Remembered: reader.Number("guesses.remembered", 1, 1_000_000)),
            MaxDirectorySize = reader.Size("directory.max-size", 1 << 10, 256 << 20),
            DirectorySettleTime = reader.Duration("directory.settle-time"),
            DirectoryCheckInterval = reader.Duration("directory.check-interval"),
            ResolveInterval = reader.Duration("directory.resolve-interval"),
            ResolveDeadline = reader.Duration("directory.resolve-deadline"),
            KeyTurn = reader.Number("keys.turn", 2, 1_000),
            MaxWaitingForKeys = reader.Number("keys.max-waiting", 1, 1_000_000),
            SecretsWriteInterval = reader.Duration("keys.write-interval"),
            MaxSecrets = reader.Number("keys.max-secrets", 1, 1_000_000),
            MaxOutgoingConversations = reader.Number("outbox.max-conversations", 1, 10_000),
            MaxWaitingMessages = reader.Number("outbox.max-waiting", 1, 1_000_000),
            KeepMessages = reader.Keep("outbox.keep"),
            MaxKeptMessages = reader.Number("outbox.max-kept", 1, 1_000_000),
            Retries = new RetryLimits(
                First: reader.Duration("outbox.first-retry"),
                Longest: reader.Duration("outbox.longest-retry"),
                PerSecond: reader.Number("outbox.attempts-per-second", 1, 10_000)),
            AnnouncesPresence = reader.Word("presence.announce", "on", "off") == "on",
            SecureLog = new LogOptions { SegmentSize = reader.Size("secure-log.segment-size", 64 << 10, 1 << 30) },
            MaxWaitingRecords = reader.Number("secure-log.max-waiting", 1, 1_000_000),
            MaxSearchTime = reader.Duration("secure-log.max-search"),
            MaxRecordDelay = reader.Duration("secure-log.max-delay"),
            RecalledAtStart = reader.Number("console.messages-at-start", 0, 1000),
            KeepsInput = reader.Word("console.keep-input", "on", "off") == "on",
            StopDeadline = reader.Duration("stop-deadline"),
            ConsoleLog = reader.Level("log.console-level"),
            LogFile = reader.Text("log.file"),
            FileLog = reader.Level("log.file-level"),
            MaxPeerLines = reader.Number("log.max-peer-lines", 1, 1_000_000),
        };
        reader.RefuseTheRest();
        if (settings.MaxWaitingToSend < settings.MaxPduSize + RoomBesideAText)
        {
            throw new SettingsException(
                $"The setting {Root}.conversation.max-waiting-to-send = {settings.MaxWaitingToSend} B is too small for conversation.max-pdu-size: "
                + $"make it {settings.MaxPduSize + RoomBesideAText} B or more.", $"{Root}.conversation.max-waiting-to-send");
        }

        return settings;
    }

    /// <summary>Whether a text is allowed in <c>listen.address</c>: <c>any</c>, or an IP address written in full.</summary>
    public static bool IsListenAddress(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text == "any" || (System.Net.IPAddress.TryParse(text, out _) && (text.Count(c => c == '.') == 3 || (text.Contains(':') && !text.Contains('['))));
    }

    private static string ReadFile(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[MaxFileSize + 1];
            var size = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            using var reader = new StreamReader(new MemoryStream(bytes, 0, size));
            return size <= MaxFileSize ? reader.ReadToEnd() : throw new SettingsException($"{path} is larger than {MaxFileSize} bytes; is it the settings file? Check --config");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SettingsException(
                e is FileNotFoundException or DirectoryNotFoundException ? $"{path}: there is no such settings file; check --config"
                : Directory.Exists(path) ? $"{path} is a folder; name the settings file with --config"
                : $"{path}: the settings file cannot be read; check its name and permissions",
                e);
        }
    }

    private sealed partial class Reader(Config config)
    {
        private static readonly string[] TopLevel = [Root, "akka"];

        private readonly HashSet<string> _known = new(StringComparer.Ordinal);

        public string Text(string path, string allowed = "text")
        {
            _known.Add($"{Root}.{path}");
            return config.GetString($"{Root}.{path}") ?? throw Wrong(path, "no plain value", allowed);
        }

        public int Number(string path, int min, int max)
        {
            var allowed = $"a whole number from {min} to {max}";
            var text = Text(path, allowed);
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
                ? number
                : throw Wrong(path, text, allowed);
        }

        public TimeSpan Duration(string path) => Duration(path, "a duration from 1 ms to 24 h, such as 500 ms, 10 s, 5 m", maxDays: 1);

        public TimeSpan Keep(string path)
        {
            const string allowed = "0, or a duration from 1 ms to 365 d, such as 12 h, 7 d";
            return Text(path, allowed) == "0" ? TimeSpan.Zero : Duration(path, allowed, maxDays: 365);
        }

        private TimeSpan Duration(string path, string allowed, int maxDays)
        {
            var text = Text(path, allowed);
            var match = DurationPattern().Match(text);
            var amount = match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
            var seconds = amount * match.Groups[2].Value switch { "ms" => 0.001, "s" => 1, "m" => 60, "h" => 3600, _ => 86_400 };
            return match.Success && seconds >= 0.001 && seconds <= maxDays * 86_400
                ? TimeSpan.FromSeconds(seconds)
                : throw Wrong(path, text, allowed);
        }

        public int Size(string path, int min, int max)
        {
            var allowed = $"a size from {min} B to {max} B, such as 500 B, 16 KiB, 1 MiB";
            var text = Text(path, allowed);
            var match = SizePattern().Match(text);
            var amount = match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
            var bytes = amount * match.Groups[2].Value switch { "B" => 1, "KiB" => 1 << 10, _ => 1 << 20 };
            return match.Success && bytes >= min && bytes <= max
                ? (int)bytes
                : throw Wrong(path, text, allowed);
        }

        public string Word(string path, params string[] allowed)
        {
            var words = "one of " + string.Join(", ", allowed);
            var text = Text(path, words);
            return allowed.Contains(text) ? text : throw Wrong(path, text, words);
        }

        public string Command(string path)
        {
            const string allowed = "a program and its arguments, with blanks between them; what holds a blank goes in quotes";
            var text = Text(path, allowed);
            return CommandWords.Split(text) is not null ? text : throw Wrong(path, text, allowed);
        }

        public LogThreshold Level(string path) => Enum.Parse<LogThreshold>(Word(path, "off", "error", "warning", "info", "debug"), ignoreCase: true);

        public string Address(string path)
        {
            const string allowed = "\"any\" or an IP address of this machine";
            var text = Text(path, allowed);
            return IsListenAddress(text) ? text : throw Wrong(path, text, allowed);
        }

        public string? OptionalName(string path)
        {
            var text = Text(path);
            return text.Length == 0 ? null
                : DirectoryReader.ProblemWithName(text) is { } problem ? throw Wrong(path, text, $"a name that a contact could know us by; this one {problem}")
                : text;
        }

        public HostPort? OptionalHostPort(string path)
        {
            var text = Text(path);
            return text.Length == 0 ? null : HostPort.Parse(text) ?? throw Wrong(path, text, "host:port, such as 192.0.2.7:5001 or [2001:db8::7]:5001, or nothing");
        }

        // A key that has not been read is not a setting.
        public void RefuseTheRest()
        {
            foreach (var (key, value) in config.AsEnumerable())
            {
                if (!TopLevel.Contains(key))
                {
                    throw new SettingsException($"The setting {key} is unknown: settings go under {Root} (and Akka's own under akka).", key);
                }

                if (key == Root)
                {
                    RefuseUnknown(key, key, value);
                }
            }
        }

        // A key in quotes may hold dots and then look like the path of another setting.
        private void RefuseUnknown(string path, string lastKey, HoconValue value)
        {
            var isPath = !lastKey.Contains('.', StringComparison.Ordinal);
            if (isPath && value.IsObject() && value.GetObject().Items.Count > 0)
            {
                foreach (var (key, member) in value.GetObject().Items)
                {
                    RefuseUnknown($"{path}.{key}", key, member);
                }
            }
            else if (!isPath || !_known.Contains(path))
            {
                var nearby = _known.Where(known => known.StartsWith(path[..path.LastIndexOf('.')], StringComparison.Ordinal)).ToArray();
                throw new SettingsException(
                    $"The setting {path} = {(value.IsObject() ? "{…}" : value.GetString())} is unknown. Allowed here: {string.Join(", ", nearby.Length > 0 ? nearby : _known)}.", path);
            }
        }

        private static SettingsException Wrong(string path, string value, string allowed) =>
            new($"The setting {Root}.{path} = {value} is wrong. Allowed: {allowed}.", $"{Root}.{path}");

        [GeneratedRegex(@"^([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|d)$")]
        private static partial Regex DurationPattern();

        [GeneratedRegex(@"^([0-9]+(?:\.[0-9]+)?)\s*(B|KiB|MiB)$")]
        private static partial Regex SizePattern();
    }
}
