// The three ways to give a passphrase, the same for every command that needs one: a file, the environment, or a prompt.
// None of them puts it on the command line, where every user of the machine could read it.

using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Unicode;
using ActorChat.Node;
using ActorChat.Screens;
using ActorChat.Storage;
using ActorChat.Storage.Sealing;

namespace ActorChat;

/// <summary>The options <c>--passphrase-file</c> and <c>--passphrase</c>, and the variable <c>ACTORCHAT_PASSPHRASE</c>.</summary>
internal sealed class PassphraseOptions
{
    /// <summary>The longest secret that a file may hold, in bytes of UTF-8.</summary>
    private const int MaxSecretSize = 4096;

    private readonly Option<string?> _file = new("--passphrase-file")
    {
        Description = $"A file whose first line is the passphrase of the directory file and the secure log (or set {PassphraseVariable.Name}).",
        HelpName = "FILE",
    };

    private readonly Option<bool> _prompt = new("--passphrase") { Description = "Ask for that passphrase, without showing what is typed." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_file);
        command.Options.Add(_prompt);
    }

    /// <summary>The first line of a file that holds a secret. Where others may read the file, a warning goes to standard error.</summary>
    /// <exception cref="IOException">The file cannot be read, others may write it, its first line is empty or too long, or is not UTF-8.</exception>
    public static Passphrase ReadFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        LocalTrust.CheckFile(stream.SafeFileHandle, path);
        if (LocalTrust.Warning(path, "a secret") is { } warning)
        {
            Console.Error.WriteLine($"actorchat: warning: {Printable.Line(warning)}");
        }

        Span<byte> start = stackalloc byte[MaxSecretSize + 2];
        try
        {
            var read = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            var line = read.IndexOf((byte)'\n') is >= 0 and var end ? read[..end].TrimEnd((byte)'\r') : read;
            line = line.StartsWith("\uFEFF"u8) ? line[3..] : line;
            return line.Length > MaxSecretSize ? throw new IOException($"the first line of {path} is longer than {MaxSecretSize} bytes; is it the right file?")
                : !Utf8.IsValid(line) ? throw new IOException($"the first line of {path} is not UTF-8 text; is it the right file?")
                : line.IsEmpty ? throw new IOException($"{path} holds nothing in its first line; write the secret there")
                : new Passphrase(line);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(start);
        }
    }

    /// <summary>The passphrase; null when none was given.</summary>
    /// <exception cref="IOException">The file cannot be read, or holds none.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public Passphrase? Read(ParseResult arguments) => ReadGiven(arguments) ?? (arguments.GetValue(_prompt) ? Ask() : null);

    /// <summary>The passphrase of a command that needs one: on a terminal it is asked for even without <c>--passphrase</c>.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="isNew">Whether something is to be sealed under it. A prompt then asks twice, since a typing error would lock it away.</param>
    /// <inheritdoc cref="Read" path="/exception"/>
    public Passphrase Require(ParseResult arguments, bool isNew = false)
    {
        if (ReadGiven(arguments) is { } given)
        {
            return given;
        }

        if (!arguments.GetValue(_prompt) && Console.IsInputRedirected)
        {
            throw new IOException($"the passphrase is missing; give it with --passphrase-file, {PassphraseVariable.Name} or --passphrase");
        }

        var typed = Ask();
        if (isNew)
        {
            using var again = Questions.AskSecret("The same again: ");
            if (again is null || !again.IsSame(typed))
            {
                typed.Dispose();
                throw new IOException("the two passphrases differ; try again");
            }
        }

        return typed;
    }

    private static Passphrase Ask() => Questions.AskSecret("Passphrase: ") ?? throw new IOException("no passphrase was given");

    private Passphrase? ReadGiven(ParseResult arguments)
    {
        var fromEnvironment = PassphraseVariable.Take(); // even if it is not used, so that it does not stay there
        if (arguments.GetValue(_file) is not { } path)
        {
            return fromEnvironment;
        }

        fromEnvironment?.Dispose();
        return ReadFile(path);
    }
}
