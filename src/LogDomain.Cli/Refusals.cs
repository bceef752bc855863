namespace LogDomain.Cli;

/// <summary>From what goes wrong with the input to one line of reason and exit code 2.</summary>
internal static class Refusals
{
    public static int Run(Action command)
    {
        try
        {
            command();
            return 0;
        }
        catch (Exception exception) when (exception is InputException or FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return EvaluateCommand.Refuse(exception is FileNotFoundException { FileName: string name } ? $"{name}: no such file." : exception.Message);
        }
    }
}
