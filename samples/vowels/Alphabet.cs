namespace Vowels;

/// <summary>27 symbols: the letters without their case, and a space, which stands for any number of other characters.</summary>
internal static class Alphabet
{
    public const int Symbols = 27;

    private const int Space = 26;

    public static int IndexOf(char letter) => letter - 'a';

    public static string NameOf(int symbol) => symbol == Space ? "space" : ((char)('a' + symbol)).ToString();

    public static double[] Encode(string text)
    {
        List<double> symbols = [];
        foreach (char character in text.ToLowerInvariant())
        {
            int symbol = char.IsAsciiLetterLower(character) ? IndexOf(character) : Space;
            if (symbol != Space || (symbols.Count > 0 && symbols[^1] != Space))
            {
                symbols.Add(symbol);
            }
        }

        return [.. symbols];
    }
}
