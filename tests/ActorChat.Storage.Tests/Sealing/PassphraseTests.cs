// The passphrase in memory: its copies, and its clearing.

using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.Tests.Sealing;

public sealed class PassphraseTests
{
    [Fact]
    public void A_passphrase_that_was_cleared_is_not_used_and_its_copy_is()
    {
        using var other = Passphrase.Of("other");
        var passphrase = Passphrase.Of("words");
        using var copy = passphrase.Copy();
        Assert.Equal((true, false), (passphrase.IsSame(copy), passphrase.IsSame(other)));
        passphrase.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { _ = passphrase.Utf8; });
        Assert.Equal("words"u8, copy.Utf8);
    }
}
