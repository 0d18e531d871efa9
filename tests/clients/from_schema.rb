# A client of `psup rpc` written from `psup rpc --schema` alone, as a test that the schema suffices:
# from_schema.rb PSUP
#
# Methods, their parameters, and the types of what comes back are those of the schema: a request that
# does not fit it is not sent, and an answer that does not fit it is an error.

require "json"
require "open3"

# The part of JSON Schema that the schema uses.
class Types
  CLASSES = { "string" => [String], "integer" => [Integer], "number" => [Integer, Float], "boolean" => [true, false],
              "null" => [nil], "object" => [Hash], "array" => [Array] }.freeze

  def initialize(definitions)
    @definitions = definitions
  end

  # Why the value does not fit; nil if it does.
  def misfit(schema, value, at = "$")
    return nil if schema == true
    return "#{at}: nothing comes here" if schema == false
    return misfit(@definitions.fetch(schema["$ref"].split("/").last), value, at) if schema["$ref"]
    several = schema["anyOf"] || schema["oneOf"]
    if several
      misfits = several.map { |one| misfit(one, value, at) }
      return misfits.compact.join("; ") unless misfits.include?(nil)
    end
    return "#{at}: #{value.inspect} is not #{schema["const"].inspect}" if schema.key?("const") && schema["const"] != value
    return "#{at}: #{value.inspect} is none of #{schema["enum"]}" if schema["enum"] && !schema["enum"].include?(value)
    kinds = Array(schema["type"])
    return "#{at}: #{value.inspect} is no #{kinds}" unless kinds.empty? || kinds.any? { |kind| CLASSES.fetch(kind).any? { |one| one === value } }
    return inside(schema, value, at) if value.is_a?(Hash)
    return nil unless value.is_a?(Array) && schema["items"]
    value.each_with_index.filter_map { |one, index| misfit(schema["items"], one, "#{at}[#{index}]") }.first
  end

  private

  def inside(schema, value, at)
    missing = (schema["required"] || []) - value.keys
    return "#{at}: #{missing} are missing" unless missing.empty?
    known = schema["properties"] || {}
    value.filter_map do |key, one|
      misfit(known[key] || schema.fetch("additionalProperties", true), one, "#{at}.#{key}")
    end.first
  end
end

class Refused < StandardError
  attr_reader :code, :exit

  def initialize(error, exit)
    super(error["message"])
    @code, @exit = error["code"], exit
  end
end

class Client
  def initialize(psup)
    @schema = JSON.parse(Open3.capture2(psup, "rpc", "--schema").first)
    @types = Types.new(@schema["$defs"])
    @in, @out, = Open3.popen2(psup, "rpc")
    @last = 0
    @lines = Hash.new { |lines, id| lines[id] = [] }
    fit(@schema["hello"], JSON.parse(@out.gets))
    # A method for each method.
    @schema["methods"].each_key do |name|
      define_singleton_method(name.tr(".", "_")) { |params = {}, &block| answer(begin_request(name, params), &block) }
    end
  end

  def begin_request(name, params)
    params = params.transform_keys(&:to_s)
    schema = @schema["methods"].fetch(name)
    unknown = params.keys - schema["properties"].keys
    raise ArgumentError, "#{name} has no #{unknown}" unless unknown.empty?
    fit(schema, params)
    request = { "id" => @last += 1, "method" => name, "params" => params }
    fit(@schema["request"], request)
    @in.puts(JSON.generate(request))
    [@last, @schema["results"].fetch(name)]
  end

  # The items, one by one to the block if there is one; raises what psup refuses.
  def answer((id, result))
    items = []
    loop do
      line = line_of(id)
      if line["end"]
        raise Refused.new(line["error"], line["exit"]) if line["error"]
        return [result["many"] ? items : items.first, line["exit"]]
      end
      fit(result["item"], line["item"])
      raise "#{id}: a second item" if !result["many"] && !items.empty?
      items << line["item"]
      yield line["item"], id if block_given?
    end
  end

  def exit_code(code)
    @schema["errors"].fetch(code)
  end

  private

  # Requests run beside each other: lines of others wait until they are asked for.
  def line_of(id)
    while @lines[id].empty?
      line = JSON.parse(@out.gets || raise("psup rpc has ended"))
      fit(@schema["reply"], line)
      @lines[line["id"]] << line
    end
    @lines[id].shift
  end

  def fit(schema, value)
    misfit = @types.misfit(schema, value)
    raise "does not fit the schema: #{misfit}" if misfit
  end
end

def check(is, what)
  raise "not so: #{what}" unless is
  puts what
end

client = Client.new(ARGV.fetch(0))
begin
  spawned, = client.spawn(name: "sh", command: ["bash", "--norc"], env: { "GREETING" => "hello" })
  check spawned["id"] == "sh#1", "spawn starts a session"
  client.wait(targets: ["sh"], prompt: true, timeout: "60s")

  output = +""
  ended = nil
  _, exit = client.exec(target: "sh", command: ["echo $GREETING; (exit 3)"], pieces: true, timeout: "60s") do |item|
    item.key?("ran") ? ended = item : output << item.fetch("text")
  end
  check output == "hello\n" && ended["code"] == 3 && exit == 3, "exec gives output and exit code"

  waiting = client.begin_request("wait", targets: ["sh"], text: "^typed$", timeout: "60s")
  sent, = client.answer(client.begin_request("send", target: "sh", text: "echo typed", enter: true))
  held, = client.answer(waiting)
  check held["verdict"] == "held" && held["offset"] >= sent["offset"], "a wait beside a send is held"

  text = +""
  position = 0
  reading = client.begin_request("read", target: "sh", since: 0, follow: true)
  client.answer(reading) do |item, id|
    raise "a gap" unless item["from"] == position
    position = item["next"]
    text << item["text"]
    client.cancel(id: id) if text.include?("typed")
  end
  check text.include?("hello"), "a read goes on until it is cancelled"

  begin
    client.info(target: "wbe")
    raise "there is a wbe"
  rescue Refused => error
    check error.code == "no-such-session" && error.exit == client.exit_code(error.code), "an error has a code of the list"
  end

  sessions, = client.list
  check sessions.map { |one| one["name"] } == ["sh"], "list has what runs"
  stopped, = client.stop(targets: ["sh"])
  check stopped.first["stopped"], "stop ends it"
ensure
  client.shutdown(force: true)
end
