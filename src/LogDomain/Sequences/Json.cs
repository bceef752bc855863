using System.Globalization;
using System.Text.Json;

namespace LogDomain.Sequences;

/// <summary>Arrays of numbers in JSON. What JSON has no number for is written as text, as System.Text.Json reads it: "-Infinity".</summary>
internal static class Json
{
    public static void Write(this Utf8JsonWriter writer, string name, ReadOnlySpan<double> values)
    {
        writer.WriteStartArray(name);
        foreach (double value in values)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
            }
        }

        writer.WriteEndArray();
    }

    public static double[] Numbers(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement array) && array.ValueKind == JsonValueKind.Array
            ? [.. array.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble())]
            : throw new FormatException($"The array \"{name}\" is missing.");

    public static int Integer(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement number) && number.TryGetInt32(out int value) ? value : throw new FormatException($"The integer \"{name}\" is missing.");
}
