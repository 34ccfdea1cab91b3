# actorchat's completion for PowerShell. For this shell:   actorchat completion pwsh | Out-String | Invoke-Expression
# For every shell, put that line into the file that $PROFILE names.

Register-ArgumentCompleter -Native -CommandName actorchat -ScriptBlock {
    param($word, $command, $cursor)
    # The command's own text ends before the blank that the cursor may stand behind.
    $length = $cursor - $command.Extent.StartOffset
    $line = $command.Extent.Text.PadRight($length).Substring(0, $length) -replace '^\S+\s', ''
    & $command.CommandElements[0].Value '[suggest]' $line 2>$null | ForEach-Object {
        $text = if ($_ -match '[^\w.+/-]') { "'" + ($_ -replace "'", "''") + "'" } else { $_ }
        [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
    }
}
