// What a node needs before its first start: a name, an address for others, a directory. "actorchat init" or the first start itself asks for it once and
// keeps it in the user's own files.

using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorChat.Node;
using ActorChat.Screens;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;

namespace ActorChat;

/// <summary>What was made.</summary>
/// <param name="Name">Our own name.</param>
/// <param name="Passphrase">What the directory is sealed under; null for a plain one.</param>
internal sealed record FirstStart(string Name, Passphrase? Passphrase)
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Asks what is not known yet, and makes an empty directory and the user's settings.</summary>
    /// <param name="file">The directory file, which is not there.</param>
    /// <param name="port">The port for incoming conversations.</param>
    /// <param name="name">Our own name; null asks for it.</param>
    /// <param name="passphrase">What to seal the directory under; null asks whether to.</param>
    /// <returns>Null where the questions were not answered; then nothing was made.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static FirstStart? Make(string file, int port, string? name, Passphrase? passphrase)
    {
        name ??= AskName();
        var address = name is null ? null : AskAddress(port);
        if (name is null || address is null)
        {
            return null;
        }

        if (passphrase is null && Questions.Confirm("Seal the directory and the log under a passphrase?"))
        {
            passphrase = Questions.AskNewSecret("Passphrase: ");
        }

        DirectoryFile.Make(file, "[\n]\n"u8.ToArray(), passphrase);
        WriteSettings(file, name, port, address);
        DirectoryCommand.Say($"{Home.Shorten(file)} is your directory, empty yet; {Home.Shorten(Home.SettingsFile)} holds your name and port. Both are yours alone.");
        DirectoryCommand.Say("Next, for each person: actorchat directory add bob HOST:PORT. It prints one line for bob, who takes it in with: actorchat directory import");
        return new FirstStart(name, passphrase);
    }

    private static string? AskName()
    {
        var suggestion = DirectoryReader.ProblemWithName(Environment.UserName) is null ? Environment.UserName : "";
        while (Questions.Ask("Your name, as others are to know you", suggestion) is { } name)
        {
            if (ContactName.Problem(name) is not { } problem)
            {
                return name;
            }

            Console.WriteLine(Printable.Line($"This is not a name to be known by: it {problem}."));
        }

        return null;
    }

    private static HostPort? AskAddress(int port)
    {
        while (Questions.Ask("Your address, where others reach this machine", OwnName.GuessAddress()) is { } answer)
        {
            var host = IPAddress.TryParse(answer, out var ip) && ip.ToString().Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : answer;
            if ((HostPort.Parse(host) ?? HostPort.Parse($"{host}:{Math.Max(port, 1)}")) is { } address)
            {
                return address;
            }

            Console.WriteLine("An address is an IP address or a host name, such as 192.0.2.7 or home.example.org; a port of its own may follow: 192.0.2.7:5001.");
        }

        return null;
    }

    // After what is there already, since the last value of a setting counts.
    private static void WriteSettings(string file, string name, int port, HostPort address)
    {
        var before = File.Exists(Home.SettingsFile) ? Encoding.UTF8.GetString(DirectoryFile.Read(Home.SettingsFile)).TrimEnd() + "\n\n" : "";
        var text = $$"""
            # Written by actorchat at its first start. hocon/actorchat.conf explains these settings and all others.
            actorchat.start {
              name = {{Quoted(name)}}
              port = {{port}}
              address = {{Quoted(address.ToString())}}
              directory = {{Quoted(file == Home.DirectoryFile ? "" : Path.GetFullPath(file))}}
            }

            """;
        DirectoryFile.Make(Home.SettingsFile, Encoding.UTF8.GetBytes(before + text), passphrase: null);
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text, Readable);
}
