// Why a sealed file did not open. A wrong passphrase and altered contents are one reason: both show only as a wrong MAC.

namespace ActorChat.Storage.Sealing;

/// <summary>What is wrong with a sealed file.</summary>
public enum SealedFileFault
{
    /// <summary>The file does not begin as a sealed file does.</summary>
    NotSealed,

    /// <summary>The file is of another version.</summary>
    UnknownVersion,

    /// <summary>The file's length or cost is one that no sealed file has: it is damaged whatever the passphrase.</summary>
    Damaged,

    /// <summary>The passphrase is not the one it was sealed under, or the file was altered.</summary>
    WrongPassphraseOrDamaged,
}

/// <summary>A sealed file did not open. The message ends with what to do about it and holds nothing secret.</summary>
/// <param name="fault">Why.</param>
/// <param name="message">Why, for people.</param>
public sealed class SealedFileException(SealedFileFault fault, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public SealedFileFault Fault { get; } = fault;
}
