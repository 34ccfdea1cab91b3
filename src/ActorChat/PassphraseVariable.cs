// The passphrase in the environment. A process keeps its environment where it was put at the start, readable in /proc and in every core dump,
// whatever the program does with its own copy. So the passphrase is read from there as bytes and overwritten there, before .NET copies all variables.

using System.Runtime.InteropServices;
using System.Text;
using ActorChat.Storage.Sealing;

namespace ActorChat;

/// <summary>Reads <c>ACTORCHAT_PASSPHRASE</c> once and takes it out of the process's environment.</summary>
internal static class PassphraseVariable
{
    /// <summary>The variable's name.</summary>
    public const string Name = "ACTORCHAT_PASSPHRASE";

    private static Passphrase? _hidden;

    /// <summary>Takes the passphrase out of the environment. Call it before anything else reads a variable: .NET copies them all into strings when
    /// one is changed for the first time.</summary>
    public static void Hide()
    {
        if (OperatingSystem.IsWindows())
        {
            _hidden = Environment.GetEnvironmentVariable(Name) is { Length: > 0 } text ? Passphrase.Of(text) : _hidden;
        }
        else if (GetEnv(Encoding.ASCII.GetBytes(Name + '\0')) is var value && value != 0)
        {
            _hidden = TakeFrom(value) ?? _hidden;
            _ = UnsetEnv(Encoding.ASCII.GetBytes(Name + '\0'));
        }

        Environment.SetEnvironmentVariable(Name, null);
    }

    /// <summary>The passphrase, which the caller then owns; null when the variable was not set or empty.</summary>
    public static Passphrase? Take()
    {
        Hide();
        (var taken, _hidden) = (_hidden, null);
        return taken;
    }

    private static Passphrase? TakeFrom(nint value)
    {
        var length = 0;
        while (Marshal.ReadByte(value, length) != 0)
        {
            length++;
        }

        var bytes = GC.AllocateArray<byte>(length, pinned: true);
        Marshal.Copy(value, bytes, 0, length);
        var passphrase = length > 0 ? new Passphrase(bytes) : null;
        bytes.AsSpan().Fill((byte)'x');
        Marshal.Copy(bytes, 0, value, length);
        return passphrase;
    }

    [DllImport("libc", EntryPoint = "getenv")]
    private static extern nint GetEnv(byte[] name);

    [DllImport("libc", EntryPoint = "unsetenv")]
    private static extern int UnsetEnv(byte[] name);
}
