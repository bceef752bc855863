using System.Globalization;

namespace LogDomain.Peers;

internal readonly record struct Shape(int Rows, int Columns)
{
    public int Count => checked(Rows * Columns);

    /// <summary>Reads "4096x1024".</summary>
    public static Shape Parse(string text)
    {
        string[] parts = text.Split('x');
        return parts.Length == 2
            ? new Shape(int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture))
            : throw new FormatException($"'{text}' is not a shape; write ROWSxCOLUMNS.");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rows:N0} x {Columns:N0}");
}
